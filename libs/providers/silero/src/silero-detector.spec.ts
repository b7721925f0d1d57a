import { AsyncLocalStorage } from 'node:async_hooks';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { EnergyGate } from './energy-gate.js';
import { MicroBatches } from './micro-batches.js';
import { SileroDetector } from './silero-detector.js';
import { CONTEXT_SAMPLES, WINDOW_SAMPLES, type SessionWindow } from './session-window.js';

const LOUD = 3000;
const QUIET = 1;

/** Notes what it is shown, by the first sample of the context and of the window, and judges windows by their loudness. */
class NotingNetwork {
  readonly shown: [context: number, window: number][] = [];

  judge(windows: readonly SessionWindow[]): Promise<number[]> {
    const probabilities = windows.map(({ input }) => {
      const window = Math.round(input[CONTEXT_SAMPLES]! * 32_768);
      this.shown.push([Math.round(input[0]! * 32_768), window]);
      return window >= LOUD ? 0.9 : 0.01;
    });
    return Promise.resolve(probabilities);
  }
}

let network: NotingNetwork;
let batches: MicroBatches;
let scheduled: (() => void)[];
let told: number[];
let quiet: number;
let dropped: number;

beforeEach(() => {
  network = new NotingNetwork();
  scheduled = [];
  told = [];
  quiet = 0;
  dropped = 0;
  batches = new MicroBatches(network, { schedule: (run) => scheduled.push(run) });
});

const onDropped = () => dropped++;
const gated = () => new SileroDetector({ batches, gate: new EnergyGate(), onQuiet: () => quiet++, onDropped });
const ungated = () => new SileroDetector({ batches, onDropped });
const feed = (detector: SileroDetector, ...levels: number[]) =>
  levels.forEach((level) =>
    detector.accept(new Int16Array(WINDOW_SAMPLES).fill(level), (probability) => told.push(probability)),
  );

/** Lets the event loop turn until nothing is scheduled. */
async function turn(): Promise<void> {
  while (scheduled.length > 0) {
    scheduled.shift()!();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('SileroDetector', () => {
  it('shows the network each window with the end of the one before, and tells in their order', async () => {
    feed(ungated(), LOUD, 10, LOUD + 1);
    expect(told).toEqual([]);
    await turn();
    expect(told).toEqual([0.9, 0.01, 0.9]);
    expect(network.shown).toEqual([
      [0, LOUD],
      [LOUD, 10],
      [10, LOUD + 1],
    ]);
  });

  it('judges sessions beside each other', async () => {
    const [one, other] = [ungated(), ungated()];
    feed(one, LOUD, LOUD);
    feed(other, 10, 10);
    await turn();
    expect(network.shown.map(([, window]) => window)).toEqual([LOUD, 10, LOUD, 10]);
  });

  it('tells at once that a quiet window is no speech, and does not judge it', async () => {
    feed(gated(), QUIET, QUIET);
    expect(told).toEqual([0, 0]);
    expect(quiet).toBe(2);
    await turn();
    expect(network.shown).toEqual([]);
  });

  it('keeps the order when a quiet window comes behind one that is being judged', async () => {
    feed(gated(), LOUD, QUIET, LOUD);
    expect(told).toEqual([]);
    await turn();
    expect(told).toEqual([0.9, 0, 0.9]);
  });

  it('shows the network the last quiet windows before it judges again, each with its own context', async () => {
    const detector = gated();
    feed(detector, LOUD);
    await turn();
    network.shown.length = 0;
    feed(detector, 2, 3, 4, 5, 6, 7, LOUD);
    await turn();
    expect(network.shown).toEqual([
      [3, 4],
      [4, 5],
      [5, 6],
      [6, 7],
      [7, LOUD],
    ]);
    expect(told).toEqual([0.9, 0, 0, 0, 0, 0, 0, 0.9]);
  });

  it('takes quiet windows as they were, though the caller uses their array again', async () => {
    const detector = gated();
    const window = new Int16Array(WINDOW_SAMPLES).fill(5);
    detector.accept(window, () => undefined);
    window.fill(LOUD);
    detector.accept(window, () => undefined);
    await turn();
    expect(network.shown.map(([, level]) => level)).toEqual([5, LOUD]);
  });

  it('gives up the oldest windows when more than two minutes of audio wait, and tells in order', async () => {
    feed(ungated(), ...new Array<number>(3752).fill(LOUD));
    expect(told).toEqual([0, 0]);
    expect(dropped).toBe(2);
    await turn();
    expect(told).toEqual([0, 0, ...new Array<number>(3750).fill(0.9)]);
    expect(network.shown).toHaveLength(3751);
  });

  it('goes on behind what it gave up while quiet windows were shown before it', async () => {
    const detector = gated();
    feed(detector, QUIET, QUIET, ...new Array<number>(3751).fill(LOUD));
    expect(told).toEqual([0, 0, 0]);
    await turn();
    expect(told).toEqual([0, 0, 0, ...new Array<number>(3750).fill(0.9)]);
  });

  it('tells on behalf of whoever opened it', async () => {
    const sessions = new AsyncLocalStorage<string>();
    const heard: (string | undefined)[] = [];
    const note = () => heard.push(sessions.getStore());
    const window = new Int16Array(WINDOW_SAMPLES).fill(LOUD);
    const [one, other] = ['one', 'other'].map((name) => sessions.run(name, ungated));
    await sessions.run('somebody', async () => {
      one!.accept(window, note);
      other!.accept(window, note);
      await turn();
    });
    expect(heard).toEqual(['one', 'other']);
  });

  it('throws what a session throws on its behalf and later, and goes on with the others', async () => {
    const sessions = new AsyncLocalStorage<string>();
    const later: [run: () => void, session: string | undefined][] = [];
    const { queueMicrotask } = globalThis;
    globalThis.queueMicrotask = (run) => later.push([run, sessions.getStore()]);
    try {
      const failing = sessions.run('failing', ungated);
      failing.accept(new Int16Array(WINDOW_SAMPLES).fill(LOUD), () => {
        throw new Error('broken');
      });
      feed(ungated(), LOUD);
      await turn();
    } finally {
      globalThis.queueMicrotask = queueMicrotask;
    }
    expect(told).toEqual([0.9]);
    expect(later).toEqual([[expect.any(Function), 'failing']]);
    expect(later[0]![0]).toThrow('broken');
  });

  it('refuses windows of another length, and any once it is closed', () => {
    const detector = ungated();
    const accept = (samples: number) => () => detector.accept(new Int16Array(samples), () => undefined);
    expect(accept(511)).toThrow(expect.objectContaining({ code: 'engine_input' }));
    detector.close();
    expect(accept(512)).toThrow(expect.objectContaining({ code: 'engine_closed' }));
  });

  it('tells nothing once it is closed, be it by what it told', async () => {
    const detector = ungated();
    const window = new Int16Array(WINDOW_SAMPLES).fill(LOUD);
    detector.accept(window, () => detector.close());
    feed(detector, LOUD);
    await turn();
    expect(told).toEqual([]);
  });
});
