// What the parts cost that every frame or word passes, alone and on one core. Build first.
//   npm run bench:parts -- [--ms 500]
// Prints microseconds a piece: median and p99 of the runs, and how many runs. Voice activity: npm run bench:vad.
import { parseArgs } from 'node:util';
import { encodeMulaw, openResampler } from '@parley/audio';
import { decodeEvent, decodeFrame, encodeEvent, encodeFrame } from '@parley/contracts';
import { Bench } from 'tinybench';
import { noBusMetrics } from '../libs/bus/dist/bus-metrics.js';
import { NatsSessionFeed } from '../libs/bus/dist/session-feed.js';
import { SentenceAssembler } from '../services/agent/dist/sentence-assembler.js';

const { values } = parseArgs({ options: { ms: { type: 'string', default: '500' } } });
/** So much is done in one run, so that the clock's resolution does not matter. */
const PIECES = 100;
const sessionId = 's'.repeat(26);
const frameOf = (seq, ms) => ({
  codec: 'pcm_s16le',
  sampleRateHz: 16_000,
  epoch: 1,
  seq,
  reply: 0,
  sentence: 0,
  pts: (seq - 1) * ms * 16,
  lastOfSentence: false,
  lastOfReply: false,
  fence: false,
  payload: noise(ms * 16),
});
const interimOf = (seq) => ({
  id: `transcript.stt.1.${seq}`,
  type: 'transcript.interim',
  sessionId,
  seq,
  epoch: 1,
  stage: 'stt',
  at: 1_790_000_000_000 + seq,
  utterance: 1,
  stableChars: 20,
  text: 'I would like two lattes and a turkey club to take away please',
});
const REPLY =
  'Certainly. That makes two lattes and one turkey club, which comes to eleven dollars and fifty cents. Shall I add a cookie?';

const bench = new Bench({ time: Number(values.ms), warmupTime: 200 });
const measure = (name, run) =>
  bench.add(name, () => {
    for (let n = 0; n < PIECES; n++) run();
  });
const [frame, encodedFrame] = [frameOf(1, 40), encodeFrame(frameOf(1, 40))];
const [interim, encodedInterim] = [interimOf(1), encodeEvent(interimOf(1))];
measure('audio frame of 40 ms, encode', () => encodeFrame(frame));
measure('audio frame of 40 ms, decode', () => decodeFrame(encodedFrame));
measure('event, encode', () => encodeEvent(interim));
measure('event, decode and check', () => decodeEvent(encodedInterim));

const frames = await openFeed({ audio: 'in' });
measure(
  'session feed, frame of 40 ms',
  frames.next((seq) => encodeFrame({ ...frame, seq })),
);
const events = await openFeed({ kinds: ['transcript'] });
measure(
  'session feed, event',
  events.next((seq) => encodeEvent(interimOf(seq))),
);

const tokens = REPLY.match(/\s*\S+/g);
measure(`sentence assembler, reply of ${tokens.length} words`, assemble);

const resamplers = { '24 to 16 kHz': [24_000, 16_000], '16 to 8 kHz': [16_000, 8000] };
for (const [name, [inputRateHz, outputRateHz]] of Object.entries(resamplers)) {
  const resampler = await openResampler({ inputRateHz, outputRateHz });
  const pcm = new Int16Array(noise(inputRateHz / 10).buffer);
  measure(`resampling 100 ms, ${name}`, () => resampler.process(pcm));
}
const telephone = new Int16Array(noise(800).buffer);
measure('µ-law of 100 ms, encode', () => encodeMulaw(telephone));

await bench.run();
console.table(
  Object.fromEntries(
    bench.tasks.map(({ name, result }) => {
      if (result.state !== 'completed') throw result.error ?? new Error(`${name} did not run: ${result.state}`);
      const micros = (ms) => Number(((ms * 1000) / PIECES).toFixed(2));
      const { p50, p99, samplesCount } = result.latency;
      return [name, { 'p50 µs': micros(p50), 'p99 µs': micros(p99), runs: samplesCount }];
    }),
  ),
);
const lost = frames.lost() + events.lost();
if (lost > 0) throw new Error(`a feed lost ${lost} messages: what it cost says nothing`);
process.exit(0);

/** A feed whose streams are empty, and whose messages come from here. */
async function openFeed({ kinds = [], audio }) {
  let deliver;
  let [delivered, sent] = [0, 0];
  const watched = audio ? '.audio.' : `.${kinds[0]}.`;
  const connection = {
    flush: () => Promise.resolve(),
    subscribe: (subject, { callback }) => {
      if (subject.includes(watched)) deliver = (message) => callback(null, message);
      return { isClosed: () => false, unsubscribe: () => undefined };
    },
  };
  const reader = { read: () => Promise.resolve([]), newest: () => Promise.resolve(undefined) };
  const count = () => delivered++;
  const options = { sessionId, kinds, ...(audio && { audio }), onEvent: count, onFrame: count };
  const feed = new NatsSessionFeed(connection, reader, noBusMetrics(), options, { openMs: 1000, outageMs: 1000 });
  await feed.open();
  return {
    next: (encode) => () => deliver({ data: encode(++sent), headers: undefined }),
    lost: () => sent - delivered,
  };
}

function assemble() {
  const assembler = new SentenceAssembler();
  let sentences = 0;
  for (const token of tokens) sentences += assembler.push(token).length;
  return sentences + assembler.end().length;
}

/** The same every time. */
function noise(samples) {
  const pcm = new Int16Array(samples);
  let state = 1;
  for (let n = 0; n < samples; n++) {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    pcm[n] = state >> 15;
  }
  return new Uint8Array(pcm.buffer);
}
