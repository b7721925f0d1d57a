import type { EngineError } from '@parley/ports';
import { SteppedChatModel, type ModelStep } from '@parley/testing/engines';
import { FallbackChatModel, type FallbackOptions, type ProviderHealth } from '../src/index.js';

/** A chain of stepped models named `a`, `b`, `c`, and what it tells of itself, in order. */
export function chainOf(answers: ModelStep[][][], options: Partial<FallbackOptions> & { open?: string } = {}) {
  const { open = '', ...more } = options;
  const models = answers.map((steps) => new SteppedChatModel(steps));
  const entries = models.map((model, index) => ({ provider: 'abcdef'[index] as string, model }));
  const told: string[] = [];
  const healthOf = (provider: string): ProviderHealth => ({
    isOpen: () => open.includes(provider),
    succeeded: () => void told.push(`${provider} succeeded`),
    failed: ({ code }: EngineError) => void told.push(`${provider} failed: ${code}`),
  });
  const observer = {
    onFallback: ({ from, to, code, mid }: { from: string; to: string; code: string; mid: boolean }) =>
      void told.push(`${from} to ${to} for ${code}${mid ? ', mid' : ''}`),
    onHedge: ({ provider, won }: { provider: string; won: boolean }) =>
      void told.push(`hedge ${provider} ${won ? 'won' : 'lost'}`),
    onUsage: ({ provider, usage }: { provider: string; usage: { total_tokens: number } }) =>
      void told.push(`${provider} used ${usage.total_tokens}`),
  };
  const model = new FallbackChatModel({ entries, healthOf, observer, ...more });
  return { model, models: models as [SteppedChatModel, ...SteppedChatModel[]], told };
}

/** Tokens, so many in all. */
export function used(total: number): ModelStep {
  return { usage: { input_tokens: total - 1, output_tokens: 1, total_tokens: total } };
}
