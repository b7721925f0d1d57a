// What voice activity costs: N callers in real time, who speak 40 % of it, through each detector. Build first.
//   npm run bench:vad -- [--sessions 1,25,100,400] [--seconds 10]
// Prints the CPU in percent of one core, without what it takes to feed the callers' voice, in all and for each session;
// how long a window waits for its judgement; and how late the event loop's timers are.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { PcmWindows, WebRtcVoiceActivity, decodeWav } from '@parley/audio';
import { createSilero } from '@parley/provider-silero';

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '1,25,100,400' },
    seconds: { type: 'string', default: '10' },
  },
});
const seconds = Number(values.seconds);
const RATE_HZ = 16_000;
const FRAME_SAMPLES = RATE_HZ / 50;
/** Callers are not in step: a quarter of them sends in each of these steps. */
const STEP_MS = 5;
const STEPS_PER_FRAME = 4;
const SPEECH_SHARE = 0.4;
/** Silence before and after the voice in examples/audio. */
const [LEAD_SAMPLES, TRAIL_SAMPLES] = [0.2 * RATE_HZ, 0.3 * RATE_HZ];

let windows = 0;
/** Judges nothing: what it costs is the feeding. */
const nothing = {
  warm: () => Promise.resolve(),
  open: () => ({ windowSamples: 512, accept: (_, onJudged) => onJudged(0), close: () => undefined }),
};
const sources = {
  'webrtc, every window of 20 ms': new WebRtcVoiceActivity(),
  'silero, every window of 32 ms': createSilero({ energyGate: false, onBatch: (judged) => (windows += judged) }),
  'silero, energy gate': createSilero({ onBatch: (judged) => (windows += judged) }),
};

const voice = caller();
await Promise.all(Object.values(sources).map((source) => source.warm()));
for (const source of [nothing, ...Object.values(sources)]) await run(source, 50, 2);
for (const sessions of values.sessions.split(',').map(Number)) {
  const { percent: feeding } = await run(nothing, sessions, seconds);
  const rows = {};
  for (const [name, source] of Object.entries(sources)) {
    const { percent, ...waits } = await run(source, sessions, seconds);
    const net = percent - feeding;
    rows[name] = { '% of a core': round(net), '% per session': round(net / sessions, 3), ...waits };
  }
  console.log(`${sessions} sessions`);
  console.table(rows);
}

/** Feeds so many sessions in real time. */
async function run(source, sessions, duration) {
  const waits = [];
  const lateness = [];
  windows = 0;
  const callers = Array.from({ length: sessions }, (_, index) => {
    const detector = source.open({ sampleRateHz: RATE_HZ });
    // Spread over the recording, so that about 40 % speak at any time.
    const at = Math.floor((index / sessions) * (voice.length / FRAME_SAMPLES)) * FRAME_SAMPLES;
    return { detector, at, cutter: new PcmWindows(detector.windowSamples) };
  });
  const [cpu, began] = [process.cpuUsage(), performance.now()];
  for (let step = 0; step * STEP_MS < duration * 1000; step++) {
    for (let i = step % STEPS_PER_FRAME; i < sessions; i += STEPS_PER_FRAME) feed(callers[i], waits);
    const nextAt = began + (step + 1) * STEP_MS;
    await sleep(Math.max(0, nextAt - performance.now()));
    lateness.push(performance.now() - nextAt);
  }
  const elapsedMs = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  for (const { detector } of callers) detector.close();
  const percent = (user + system) / 10 / elapsedMs;
  return {
    percent,
    'windows judged/s': Math.round((windows * 1000) / elapsedMs) || '',
    'wait p50 ms': quantile(waits, 0.5),
    'wait p99 ms': quantile(waits, 0.99),
    'timers late p99 ms': quantile(lateness, 0.99),
  };
}

function feed(caller, waits) {
  caller.at = (caller.at + FRAME_SAMPLES) % voice.length;
  caller.cutter.push(voice.subarray(caller.at, caller.at + FRAME_SAMPLES), (window) => {
    const at = performance.now();
    caller.detector.accept(window.slice(), () => waits.push(performance.now() - at));
  });
}

/** The example callers one after another on a line with a little noise, with pauses that make the rest of the time. */
function caller() {
  const utterances = ['menu', 'order', 'add', 'confirm'].map((name) => {
    const { samples } = decodeWav(readFileSync(new URL(`../examples/audio/${name}.wav`, import.meta.url)));
    return samples.subarray(LEAD_SAMPLES, -TRAIL_SAMPLES);
  });
  const speech = utterances.reduce((sum, { length }) => sum + length, 0);
  const pause = Math.round((speech / SPEECH_SHARE - speech) / utterances.length);
  const frames = Math.floor((speech + pause * utterances.length) / FRAME_SAMPLES);
  let noise = 1;
  const line = new Int16Array(frames * FRAME_SAMPLES).map(() => {
    noise = (Math.imul(noise, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (noise >> 16) % 32;
  });
  let at = 0;
  for (const utterance of utterances) {
    at += pause;
    for (let i = 0; i < utterance.length && at < line.length; i++) line[at++] += utterance[i];
  }
  return line;
}

function quantile(numbers, share) {
  return round(numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length * share)]);
}

function round(number, digits = 1) {
  return Number(number.toFixed(digits));
}
