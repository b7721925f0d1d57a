import { speakScripted } from '@parley/testing/engines';
import type { CallMaterial } from '../call-material.js';
import { checkCall } from '../checks/check-call.js';
import { repliesTo } from '../checks/log-view.js';
import { scriptCall } from '../conversation-script.js';

const RATE_HZ = 16_000;

/** Engines that answer at a pace that leaves time to be hit, in voice whose every sample tells its word. */
export function scriptedMaterial(): CallMaterial {
  return {
    env: {
      STT_ENGINE: 'scripted',
      TTS_ENGINE: 'scripted',
      LLM_ENGINE: 'scripted',
      SCRIPTED_STT_LATENCY_MS: '60',
      SCRIPTED_LLM_FIRST_TOKEN_MS: '120',
      SCRIPTED_LLM_TOKEN_MS: '25',
      SCRIPTED_TTS_FIRST_AUDIO_MS: '80',
      AGENT_MODULES: './tools/chaos/dist/chaos-agent.js',
      DEFAULT_AGENT: 'chaos',
    },
    agent: 'chaos',
    turnTimeoutMs: 30_000,
    isJudgedLater: false,
    script: scriptCall,
    voiceOf: ({ words }) => speakScripted(words, RATE_HZ),
    repliesTo,
    judge: checkCall,
    close: () => Promise.resolve(),
  };
}
