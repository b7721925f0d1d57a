import { AsyncLocalStorage } from 'node:async_hooks';
import type { ConversationRun } from './conversation-run.js';

/** A reply that a graph is to make. */
export interface GraphTask<S> {
  /** The conversation as it stands. */
  state: S;
  run: ConversationRun;
  /** Runs a function where the reply was asked for: on behalf of its session, within its trace. */
  within<T>(work: () => T): T;
}

/** What a graph that has been started finds in its configuration. */
export interface GraphCall<S> {
  /** Undefined when there is none to be made. */
  readonly asked: Promise<GraphTask<S> | undefined>;
  /** The same, once it is known. */
  task?: GraphTask<S>;
}

/**
 * A graph that is started before there is anything to answer, and waits for it in its first node: what it takes to start
 * one, two thirds of what a reply costs before the model is asked, nobody has to wait for.
 */
export class ReadyGraph<S> {
  private readonly result: Promise<S>;
  private ask: (task: GraphTask<S> | undefined) => void = () => {};

  /** @param start starts the graph; resolves with the conversation that it gives back */
  constructor(start: (call: GraphCall<S>) => Promise<S>) {
    const asked = new Promise<GraphTask<S> | undefined>((resolve) => (this.ask = resolve));
    this.result = start({ asked });
    // One that nobody asks for anything fails for nobody.
    this.result.catch(() => undefined);
  }

  /** Makes a reply; once. Rejects with what the graph throws. */
  make(state: S, run: ConversationRun): Promise<S> {
    this.ask({ state, run, within: AsyncLocalStorage.snapshot() });
    return this.result;
  }

  /** Nothing will be asked. */
  drop(): void {
    this.ask(undefined);
  }
}
