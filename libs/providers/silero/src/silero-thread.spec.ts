import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from '@jest/globals';
import { decodeWav } from '@parley/audio';
import { MAX_WINDOWS } from './micro-batches.js';
import { CONTEXT_SAMPLES, WINDOW_SAMPLES, newSessionWindow, type SessionWindow } from './session-window.js';
import { SileroThread, startSileroWorker } from './silero-thread.js';

const MODEL = fileURLToPath(new URL('./silero_vad_16k_op15.onnx', import.meta.url));
/** Speech from 200 ms to 1370 ms. */
const MENU = decodeWav(readFileSync(new URL('../../../../examples/audio/menu.wav', import.meta.url))).samples;
const WINDOWS = Math.floor(MENU.length / WINDOW_SAMPLES);

let workers: Worker[] = [];

function newThread(modelPath = MODEL): SileroThread {
  return new SileroThread({
    modelPath,
    startWorker(setup) {
      const worker = startSileroWorker(setup);
      workers.push(worker);
      return worker;
    },
  });
}

afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.terminate()));
  workers = [];
});

function load(session: SessionWindow, window: number): SessionWindow {
  const { input } = session;
  const at = window * WINDOW_SAMPLES;
  input.copyWithin(0, WINDOW_SAMPLES);
  input.set(
    Float32Array.from(MENU.subarray(at, at + WINDOW_SAMPLES), (sample) => sample / 32_768),
    CONTEXT_SAMPLES,
  );
  return session;
}

/** The probabilities of the recording, in a session of its own. */
async function judgeAlone(thread: SileroThread): Promise<number[]> {
  const session = newSessionWindow();
  const told: number[] = [];
  for (let window = 0; window < WINDOWS; window++) {
    load(session, window);
    told.push((await thread.judge([session]))[0]!);
  }
  return told;
}

describe('SileroThread', () => {
  it('finds speech where speech is in a recording', async () => {
    const told = await judgeAlone(newThread());
    const between = (fromMs: number, toMs: number) => told.slice(Math.ceil(fromMs / 32), Math.floor(toMs / 32));
    expect(Math.max(...between(0, 180))).toBeLessThan(0.1);
    expect(Math.min(...between(260, 1300))).toBeGreaterThan(0.9);
    expect(Math.max(...between(1480, 1670))).toBeLessThan(0.1);
  });

  it('says the same of sessions together as of each alone', async () => {
    const thread = newThread();
    const alone = await judgeAlone(thread);
    // Each session is at another window of the same voice.
    const sessions = Array.from({ length: MAX_WINDOWS }, () => newSessionWindow());
    const told = sessions.map((): number[] => []);
    let most = 0;
    for (let round = 0; round < WINDOWS + sessions.length; round++) {
      const due = sessions.map((_, i) => i).filter((i) => round - i >= 0 && round - i < WINDOWS);
      if (due.length === 0) continue;
      most = Math.max(most, due.length);
      const probabilities = await thread.judge(due.map((i) => load(sessions[i]!, round - i)));
      due.forEach((i, at) => told[i]!.push(probabilities[at]!));
    }
    expect(most).toBeGreaterThan(MAX_WINDOWS / 2);
    for (const each of told) {
      expect(each).toHaveLength(WINDOWS);
      each.forEach((probability, window) => expect(probability).toBeCloseTo(alone[window]!, 4));
    }
  });

  it('leaves the event loop to others while it judges', async () => {
    const thread = newThread();
    await thread.start();
    let isJudged = false;
    const judged = thread.judge(Array.from({ length: MAX_WINDOWS }, newSessionWindow)).then(() => (isJudged = true));
    let turns = 0;
    while (!isJudged) {
      turns++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await judged;
    expect(turns).toBeGreaterThan(5);
  });

  it('fails what is being judged when it ends, and is started again for the next', async () => {
    const thread = newThread();
    const session = load(newSessionWindow(), 10);
    await thread.start();
    const judging = thread.judge([session]);
    await Promise.all([
      expect(judging).rejects.toMatchObject({ code: 'engine_unavailable', retryable: true }),
      workers[0]!.terminate(),
    ]);
    expect(session.hidden).toEqual(newSessionWindow().hidden);
    expect((await thread.judge([session]))[0]).toBeGreaterThan(0);
    expect(workers).toHaveLength(2);
  });

  it('says what to do when the model or the runtime cannot be loaded', async () => {
    const starting = newThread('/nowhere/silero.onnx').start();
    await expect(starting).rejects.toMatchObject({
      code: 'engine_missing',
      message: expect.stringContaining('npm ci'),
      cause: expect.objectContaining({ message: expect.stringContaining('/nowhere/silero.onnx') }),
    });
  });
});
