import { AsyncLocalStorage } from 'node:async_hooks';

/** Whoever answers for what its asynchronous work throws. */
export interface SessionScope {
  /** Something was thrown or rejected on its behalf that nobody caught. Must not throw. */
  crash(error: unknown): void;
}

const scopes = new AsyncLocalStorage<SessionScope>();

/** Runs a function, and all the asynchronous work that it begins, on behalf of a session. */
export function runInScope<T>(scope: SessionScope, run: () => T): T {
  return scopes.run(scope, run);
}

/** On whose behalf the running code works; undefined when it is nobody's. */
export function currentScope(): SessionScope | undefined {
  return scopes.getStore();
}

/**
 * Gives every uncaught exception and unhandled rejection of this process to the session on whose behalf it happened,
 * so that it ends that session and not the process.
 * @param onFatal gets those that happened on nobody's behalf
 * @returns a function that ends this
 */
export function attributeCrashes(onFatal: (error: unknown) => void): () => void {
  const onError = (error: unknown) => {
    const scope = currentScope();
    if (scope) scope.crash(error);
    else onFatal(error);
  };
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
  return () => {
    process.off('uncaughtException', onError);
    process.off('unhandledRejection', onError);
  };
}
