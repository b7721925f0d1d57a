import type { WordTime } from '@parley/contracts';
import type { SpeechCommand, SpeechReport } from './speech-protocol.js';
import type { SpeechThread } from './speech-thread.js';

/** A speech thread that says as many loud samples as a text has characters, when it is told to. */
export class FakeSpeechThread implements SpeechThread {
  readonly spoken: string[] = [];
  quits = 0;
  #queue: Extract<SpeechCommand, { type: 'speak' }>[] = [];

  onReport: (report: SpeechReport) => void = () => undefined;
  onExit: (reason: unknown) => void = () => undefined;

  post(command: SpeechCommand): void {
    if (command.type === 'speak') this.#queue.push(command);
  }

  async quit(): Promise<void> {
    this.quits += 1;
  }

  /** How many texts it has been given and not said. */
  get pending(): number {
    return this.#queue.length;
  }

  /** Whether the text it is saying is not wanted any more. */
  get stopped(): boolean {
    const [command] = this.#queue;
    return command !== undefined && Atomics.load(command.stop, 0) === 1;
  }

  /** Says the next text: its samples, and the end unless told otherwise. */
  say({ end = true, words }: { end?: boolean; words?: WordTime[] } = {}): void {
    const [command] = this.#queue;
    if (!command) return;
    if (words) this.onReport({ type: 'words', words });
    this.onReport({ type: 'chunk', pcm: new Int16Array(command.text.length).fill(5000) });
    if (!end) return;
    this.#queue.shift();
    this.spoken.push(command.text);
    this.onReport({ type: 'spoken' });
  }
}
