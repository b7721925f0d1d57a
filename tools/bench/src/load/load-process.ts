// The callers of a step, in a process of their own, so that what they cost can be told from what the system costs.
import { setTimeout as sleep } from 'node:timers/promises';
import { speakScripted } from '@parley/testing/engines';
import { WallClock } from '../wall-clock.js';
import { LoadCall } from './load-call.js';
import type { LoadMessage, LoadPlan, LoadReport } from './load-report.js';

const RATE_HZ = 16_000;
const SPEECH_MS = 2000;
/** How long it takes the turns of a call to come around. */
const CYCLE_MS = 6400;
const TICK_MS = 2;
const WORDS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven'];
/** So many samples are kept of what there are many of. */
const MAX_SAMPLES = 200_000;
const END_MS = 1500;

const clock = new WallClock();
const tell = (message: LoadMessage, onSent?: () => void) => process.send?.(message, undefined, undefined, onSent);

process.once('message', (plan: LoadPlan) => {
  void run(plan).then((report) => tell({ type: 'report', report }, () => process.exit(0)));
});

async function run(plan: LoadPlan): Promise<LoadReport> {
  const { calls: count, frameMs, openingMs, warmUpMs, measuredMs } = plan;
  const frameBytes = (RATE_HZ / 1000) * frameMs * 2;
  const report: LoadReport = { fromMs: 0, toMs: 0, calls: [], openMs: [], latenessMs: [], sentFrames: 0, dueFrames: 0, jitterMs: [] }; // prettier-ignore
  let isMeasuring = false;
  const sample = (samples: number[], value: number) => {
    if (isMeasuring && samples.length < MAX_SAMPLES) samples.push(value);
  };
  const shared = {
    plan,
    nowMs: () => clock.nowMs(),
    speech: WORDS.map((word) => framesOf(`please tell me more about number ${word} today`, frameBytes)),
    silence: Buffer.alloc(frameBytes),
    onJitter: (ms: number) => sample(report.jitterMs, ms),
  };
  const calls = Array.from({ length: count }, (_, index) => new LoadCall(index, shared));
  const opened: LoadCall[] = [];
  const opening = calls.map(async (call, index) => {
    await sleep((index / count) * openingMs);
    const askedMs = performance.now();
    await call.open().then(
      () => opened.push(call),
      () => undefined,
    );
    report.openMs.push(performance.now() - askedMs);
  });
  await Promise.all(opening);

  const startedAt = performance.now();
  const endsAt = startedAt + warmUpMs + measuredMs;
  // A caller's frames are due one frame after the other; the callers are spread evenly over a frame's time.
  let slot = 0;
  let phase = 0;
  let begun = 0;
  while (performance.now() < endsAt) {
    const now = performance.now() - startedAt;
    if (!isMeasuring && now >= warmUpMs) {
      isMeasuring = true;
      report.fromMs = clock.nowMs();
      tell({ type: 'begins' });
    }
    while (begun < opened.length && now >= (begun / opened.length) * CYCLE_MS) opened[begun++]?.begin();
    for (;;) {
      const dueAt = slot * frameMs + (phase / opened.length) * frameMs;
      if (dueAt > now || opened.length === 0) break;
      const isSent = opened[phase]?.sendFrame();
      sample(report.latenessMs, now - dueAt);
      if (isMeasuring) report.dueFrames++;
      if (isMeasuring && isSent) report.sentFrames++;
      if (++phase === opened.length) [phase, slot] = [0, slot + 1];
    }
    await sleep(TICK_MS);
  }
  report.toMs = clock.nowMs();
  tell({ type: 'ends' });
  for (const call of opened) call.hangUp();
  await sleep(END_MS);
  for (const call of calls) call.cut();
  return { ...report, calls: calls.map((call) => call.report) };
}

function framesOf(text: string, frameBytes: number): Buffer[] {
  const spoken = speakScripted(text, RATE_HZ);
  const pcm = Buffer.alloc(Math.ceil((RATE_HZ * SPEECH_MS * 2) / 1000 / frameBytes) * frameBytes);
  Buffer.from(spoken.buffer, spoken.byteOffset, Math.min(spoken.byteLength, pcm.length)).copy(pcm);
  return Array.from({ length: pcm.length / frameBytes }, (_, n) => pcm.subarray(n * frameBytes, (n + 1) * frameBytes));
}
