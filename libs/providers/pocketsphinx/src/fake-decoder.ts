import type { DecoderCommand, DecoderReport } from './decoder-protocol.js';
import type { Decoder } from './decoder-thread.js';

/** A decoder that hears each sample's value as a word, and works when it is told to. */
export class FakeDecoder implements Decoder {
  readonly commands: DecoderCommand[] = [];
  quits = 0;
  #queue: DecoderCommand[] = [];
  #heard: number[] = [];

  onReport: (report: DecoderReport) => void = () => undefined;
  onExit: (reason: unknown) => void = () => undefined;

  post(command: DecoderCommand): void {
    this.commands.push(command);
    this.#queue.push(command);
  }

  async quit(): Promise<void> {
    this.quits += 1;
  }

  /** Carries out everything posted, and what is posted meanwhile. */
  work(): void {
    while (this.workOne());
  }

  /** Carries out one command. */
  workOne(): boolean {
    const command = this.#queue.shift();
    if (command) this.#carryOut(command);
    return command !== undefined;
  }

  #carryOut(command: DecoderCommand): void {
    switch (command.type) {
      case 'prepare':
      case 'begin':
        this.#heard = [];
        this.onReport({ type: 'prepared', ignoredTerms: command.terms.filter((term) => term.startsWith('?')) });
        break;
      case 'decode':
        for (const sample of command.pcm) if (sample !== 0 && this.#heard.at(-1) !== sample) this.#heard.push(sample);
        this.onReport({ type: 'decoded', samples: command.pcm.length, text: this.#heard.join(' ') });
        break;
      case 'finish':
        this.onReport({
          type: 'finished',
          recognition: { text: this.#heard.join(' '), confidence: 0.5, words: [], mean: Float32Array.of(1) },
        });
        break;
      case 'abandon':
        this.onReport({ type: 'abandoned' });
        break;
      case 'quit':
        break;
    }
  }
}
