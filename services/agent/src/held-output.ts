import type { EventType, Payload } from '@parley/contracts';
import type { ReplyOutput } from './reply-run.js';

/** Something that waits to be written, or to be forgotten. */
interface Held {
  write(): void;
  forget(): void;
}

/** Holds what a reply writes until it is known that the reply is wanted; then writes it, in order, and all that follows. */
export class HeldOutput implements ReplyOutput {
  private held: Held[] | undefined = [];

  constructor(private readonly output: ReplyOutput) {}

  emit<T extends EventType>(type: T, payload: Payload<T>): Promise<boolean> {
    const { held, output } = this;
    if (!held) return output.emit(type, payload);
    // Whoever waits for it to be stored waits on: a tool is not called before.
    return new Promise((resolve) =>
      held.push({
        write: () => void output.emit(type, payload).then(resolve),
        forget: () => resolve(false),
      }),
    );
  }

  text(reply: number, text: string, speaker?: string): void {
    const write = () => this.output.text(reply, text, speaker);
    if (this.held) this.held.push({ write, forget: () => undefined });
    else write();
  }

  /** Writes what was held. */
  release(): void {
    const held = this.held ?? [];
    this.held = undefined;
    for (const { write } of held) write();
  }

  /** Nothing of it will be written: what was held was not stored. */
  drop(): void {
    for (const { forget } of this.held?.splice(0) ?? []) forget();
  }
}
