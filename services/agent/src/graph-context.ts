import { AsyncLocalStorageProviderSingleton } from '@langchain/core/singletons';

/**
 * LangGraph gives every node, edge and write a context of its own, with a run for LangSmith in it, in which a runnable
 * that is called without a configuration finds its caller's. The conversation's graph hands on what is needed by hand,
 * and the contexts are more than a third of what a reply costs: they are left out from here on, for the whole process.
 */
export function leaveOutGraphContext(): void {
  AsyncLocalStorageProviderSingleton.runWithConfig = (_config, callback) => callback();
}
