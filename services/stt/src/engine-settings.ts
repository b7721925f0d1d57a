import { DEFAULT_POLICY, type SessionPolicy } from '@parley/contracts';
import type { SpeechToTextCapabilities } from '@parley/ports';
import type { EngineSettings } from './engine-stream.js';
import type { TurnProgress } from './turn-progress.js';

/** The engine's longest silence is over so much before ours, so that a turn that both find over is the engine's. */
const ENGINE_FIRST_MS = 300;

/** How the engine's streams are to be opened for a session; the default policy holds until the agent's is known. */
export function engineSettingsOf(
  { language, policy = DEFAULT_POLICY }: Pick<TurnProgress, 'language' | 'policy'>,
  { endOfTurn: canEndTurns }: Pick<SpeechToTextCapabilities, 'endOfTurn'>,
  /** With commas. */
  keyTermsForAll: string,
): EngineSettings {
  const { minDelayMs, delayMs, maxDelayMs } = policy.endpointing;
  const forAll = keyTermsForAll.split(',').map((term) => term.trim());
  const keyTerms = [...new Set([...forAll, ...policy.keyTerms])].filter(Boolean);
  if (policy.endpointing.by !== 'engine' || !canEndTurns) return { language, keyTerms };
  const minSilenceMs = Math.min(minDelayMs, delayMs);
  const maxSilenceMs = Math.max(minSilenceMs, Math.max(delayMs, maxDelayMs) - ENGINE_FIRST_MS);
  const endOfTurn = { minSilenceMs, maxSilenceMs };
  return { language, keyTerms, endOfTurn };
}

/** How ends of turns are found after all: an engine that does not say them leaves silence to do it. */
export function endpointingOf(policy: TurnProgress['policy'], endsTurns: boolean): SessionPolicy['endpointing'] {
  const { endpointing } = policy ?? DEFAULT_POLICY;
  return endpointing.by === 'engine' && !endsTurns ? { ...endpointing, by: 'silence' } : endpointing;
}
