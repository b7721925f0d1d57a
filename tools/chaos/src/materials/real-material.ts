import type { CallMaterial } from '../call-material.js';
import { checkRealCall, replyInTurn } from './check-real-call.js';
import { createListener } from './listener.js';
import { CLIPS, scriptRealCall, type ClipName } from './shop-script.js';

/** What real speech needs of the project around it. */
export interface RealMaterialOptions {
  /** Words of the example agent's trade, with commas. */
  keyTerms: string;
  /** A caller's recorded voice, PCM16 16 kHz mono. */
  clip(name: ClipName): Promise<Int16Array>;
}

/**
 * Real speech in and out: recorded callers order sandwiches, a recogniser understands them, a synthesizer answers, and
 * what callers hear is transcribed.
 */
export async function realMaterial({ keyTerms, clip }: RealMaterialOptions): Promise<CallMaterial> {
  const names = Object.keys(CLIPS) as ClipName[];
  const voices = new Map<string, Int16Array>(
    await Promise.all(names.map(async (name) => [CLIPS[name].words, await clip(name)] as const)),
  );
  const listener = createListener(keyTerms);
  return {
    env: { STT_KEY_TERMS: keyTerms, DEFAULT_AGENT: 'sandwich-shop' },
    agent: 'sandwich-shop',
    turnTimeoutMs: 60_000,
    isJudgedLater: true,
    script: scriptRealCall,
    voiceOf: ({ words }) => voices.get(words) ?? new Int16Array(0),
    repliesTo: (log, { turn }) => replyInTurn(log, turn),
    judge: (finished) => checkRealCall(finished, (pcm) => listener.transcribe(pcm)),
    close: () => listener.close(),
  };
}
