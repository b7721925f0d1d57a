import type { EdgeAudioInfo, EdgeEvent, EdgeEventType } from '@parley/contracts';
import type { ClientState } from './client-state.js';

/** One frame of the agent's voice: PCM16 mono at the session's `sampleRateHz`. */
export interface AgentAudio {
  info: EdgeAudioInfo;
  /** The handler's own copy. */
  pcm: Int16Array;
}

/** What a handler is given, by name. */
export type ClientEvents = {
  /** An event of the gateway. */
  [T in EdgeEventType]: Extract<EdgeEvent, { type: T }>;
} & {
  /** Every event of the gateway, also of types this build does not know; told before the handler of its type. */
  event: EdgeEvent;
  audio: AgentAudio;
  state: ClientState;
};

/** Name of a {@link ClientEvents} entry. */
export type ClientEventName = keyof ClientEvents;

type Handler = (value: never) => void;

/**
 * Calls handlers in the order in which they were registered. While held, keeps what it is told and tells it in
 * order when released, so that nothing is lost between a session's opening and its first handler.
 */
export class EventHub {
  readonly #handlers = new Map<string, Set<Handler>>();
  #held: (() => void)[] | undefined = [];

  /** @param maxHeld how much is kept while held; beyond it `emit` refuses */
  constructor(private readonly maxHeld: number) {}

  /** @returns a function that takes the handler off again; it may be called twice */
  on<T extends ClientEventName>(name: T, handler: (value: ClientEvents[T]) => void): () => void {
    const handlers = this.#handlers.get(name) ?? new Set();
    this.#handlers.set(name, handlers.add(handler));
    return () => void handlers.delete(handler);
  }

  /**
   * Tells the handlers of `name`. One that throws does not stop the others: its error surfaces as uncaught.
   * @returns false when it is held and full
   */
  emit(name: string, value: unknown): boolean {
    if (this.#held) {
      if (this.#held.length >= this.maxHeld) return false;
      this.#held.push(() => this.#tell(name, value));
      return true;
    }
    this.#tell(name, value);
    return true;
  }

  /** Tells what was held, and from now on tells at once. May be called twice, also by a handler it tells. */
  release(): void {
    for (let next = this.#held?.shift(); next; next = this.#held?.shift()) next();
    this.#held = undefined;
  }

  #tell(name: string, value: unknown): void {
    for (const handler of [...(this.#handlers.get(name) ?? [])]) {
      try {
        handler(value as never);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
