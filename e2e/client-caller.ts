import { setTimeout as sleep } from 'node:timers/promises';
import { connectParley, type ConnectOptions, type ParleyClient } from '@parley/client';

const FRAME_SAMPLES = 320;
const FRAME_MS = 20;

/** What an application gets from the client, in the order in which it gets it. */
export interface HeardEvent {
  type: string;
  [field: string]: unknown;
}

/** One frame of the agent's voice. */
export interface HeardVoice {
  reply: number;
  sentence: number;
  pts: number;
  pcm: Int16Array;
}

/** A caller on the client library whose microphone is always on, whatever becomes of the connection. */
export class ClientCaller {
  readonly events: HeardEvent[] = [];
  readonly voice: HeardVoice[] = [];
  readonly states: string[] = [];
  readonly #queue: Int16Array[] = [];
  #frames = 0;
  readonly #startedAtMs = performance.now();
  readonly #timer = setInterval(() => this.#tick(), 10);

  private constructor(readonly client: ParleyClient) {
    client.on('event', (event) => this.events.push(event as HeardEvent));
    client.on('audio', ({ info, pcm }) => this.voice.push({ ...info, pcm }));
    client.on('state', ({ name }) => this.states.push(name));
  }

  static async connect(options: ConnectOptions): Promise<ClientCaller> {
    return new ClientCaller(await connectParley(options));
  }

  /** Says something in real time, after what is being said. Resolves when its last sample has left the microphone. */
  async speak(pcm: Int16Array): Promise<void> {
    for (let at = 0; at < pcm.length; at += FRAME_SAMPLES) {
      const frame = new Int16Array(FRAME_SAMPLES);
      frame.set(pcm.subarray(at, at + FRAME_SAMPLES));
      this.#queue.push(frame);
    }
    while (this.#queue.length > 0) await sleep(FRAME_MS);
  }

  /** Waits for an event among those after the first `from`. */
  async until(wanted: (event: HeardEvent) => boolean, deadlineMs = 20_000, from = 0): Promise<HeardEvent> {
    return this.when(() => this.events.slice(from).find(wanted), deadlineMs);
  }

  /** Waits until something is so. */
  async when<T>(look: () => T | undefined | false, deadlineMs = 20_000): Promise<T> {
    const untilMs = performance.now() + deadlineMs;
    for (;;) {
      const found = look();
      if (found) return found;
      if (performance.now() > untilMs) throw new Error(`not within ${deadlineMs} ms; ${this.summary()}`);
      await sleep(5);
    }
  }

  /** All samples of a reply, in the order in which they came. */
  voiceOf(reply: number): Int16Array {
    const frames = this.voice.filter((each) => each.reply === reply);
    const all = new Int16Array(frames.reduce((sum, { pcm }) => sum + pcm.length, 0));
    let at = 0;
    for (const { pcm } of frames) {
      all.set(pcm, at);
      at += pcm.length;
    }
    return all;
  }

  /** Places of a reply where a sample does not follow the one before: what was missed or came twice. */
  breaksIn(reply: number): string[] {
    const next = new Map<number, number>();
    return this.voice
      .filter((each) => each.reply === reply)
      .flatMap(({ sentence, pts, pcm }) => {
        const expected = next.get(sentence) ?? 0;
        next.set(sentence, pts + pcm.length);
        return pts === expected ? [] : [`sentence ${sentence}: ${pts} after ${expected}`];
      });
  }

  async hangUp(): Promise<void> {
    clearInterval(this.#timer);
    await this.client.end();
  }

  summary(): string {
    const { state, counters } = this.client;
    return JSON.stringify({ events: this.events.map(({ type }) => type), states: this.states, state, counters });
  }

  #tick(): void {
    const due = Math.floor((performance.now() - this.#startedAtMs) / FRAME_MS);
    for (; this.#frames < due; this.#frames++)
      this.client.sendAudio(this.#queue.shift() ?? new Int16Array(FRAME_SAMPLES));
  }
}
