import { chainEnv, readChain, textToSpeechProviderEnv } from '@parley/engines';
import { stageEnv } from '@parley/stage-kit';
import { parseEnv, type Environment } from '@parley/telemetry';
import { z } from 'zod';

const milliseconds = (fallback: number) => z.coerce.number().int().min(0).default(fallback);

/** Variables of the tts stage. */
export const ttsEnv = z
  .object({
    ...stageEnv,
    PORT: z.coerce.number().int().min(0).max(65_535).default(8083).meta({ description: 'Port of health and metrics' }),
    TTS_ENGINE: chainEnv('tts').default('flite').meta({
      description: 'Text-to-speech engines in the order in which they are tried (docs/providers.md)',
      example: 'elevenlabs > cartesia > local',
    }),
    TTS_VOICE: z.string().optional().meta({ description: "One of the engine's voices; its first one when unset" }),
    TTS_APOLOGY_FILE: z.string().optional().meta({
      description: 'WAV file that callers hear when no engine speaks; one in English when unset',
      example: '/etc/parley/apology.wav',
    }),
    TTS_MAX_LEAD_MS: milliseconds(20_000).meta({ description: 'How far synthesis may run ahead of being played' }),
    TTS_TIMEOUT_MS: z.coerce
      .number()
      .int()
      .min(100)
      .default(10_000)
      .meta({ description: 'How long the engine may give nothing before a sentence counts as failed' }),
    SCRIPTED_TTS_FIRST_AUDIO_MS: milliseconds(0).meta({ description: "Scripted engine's time to first audio" }),
    SCRIPTED_TTS_REAL_TIME_FACTOR: z.coerce
      .number()
      .min(0)
      .default(0.1)
      .meta({ description: "Scripted engine's time for a second of audio beyond that, in seconds" }),
    ...textToSpeechProviderEnv,
  })
  .transform((env, context) => {
    const read = readChain('tts', 'TTS_ENGINE', env.TTS_ENGINE, env.TTS_SETTINGS, env);
    if ('chain' in read) return { ...env, TTS_CHAIN: read.chain };
    for (const { name, message } of read.problems) context.addIssue({ code: 'custom', path: [name], message });
    return z.NEVER;
  });

/** Settings of the tts stage. */
export type TtsConfig = Readonly<z.output<typeof ttsEnv>>;

/** Reads the settings. @throws {ConfigError} `config_invalid` */
export function loadTtsConfig(env: Environment = process.env): TtsConfig {
  return parseEnv(ttsEnv, env);
}
