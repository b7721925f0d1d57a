import { EngineError } from '@parley/ports';

/** What an engine threw, as an engine's error whatever it is. */
export function engineErrorOf(thrown: unknown): EngineError {
  if (thrown instanceof EngineError) return thrown;
  return new EngineError('engine_unavailable', 'the engine failed', true, { cause: thrown });
}
