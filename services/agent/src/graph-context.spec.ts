import { describe, expect, it } from '@jest/globals';
import { RunnableLambda } from '@langchain/core/runnables';
import { AsyncLocalStorageProviderSingleton } from '@langchain/core/singletons';
import '@langchain/langgraph';
import { leaveOutGraphContext } from './graph-context.js';

/** What a runnable finds that is called by another without a configuration. */
const contextOfANode = () =>
  RunnableLambda.from(() => AsyncLocalStorageProviderSingleton.getInstance().getStore()).invoke('x');

describe('the context of a graph', () => {
  it('is there, and can be left out', async () => {
    expect(await contextOfANode()).toBeDefined();
    leaveOutGraphContext();
    expect(await contextOfANode()).toBeUndefined();
  });
});
