import { chainEnv, readChain, speechToTextProviderEnv } from '@parley/engines';
import { stageEnv } from '@parley/stage-kit';
import { envFlag, parseEnv, type Environment } from '@parley/telemetry';
import { z } from 'zod';

const milliseconds = (fallback: number) => z.coerce.number().int().min(0).default(fallback);

/** Variables of the stt stage. */
export const sttEnv = z
  .object({
    ...stageEnv,
    PORT: z.coerce.number().int().min(0).max(65_535).default(8081).meta({ description: 'Port of health and metrics' }),
    STT_ENGINE: chainEnv('stt').default('pocketsphinx').meta({
      description: 'Speech-to-text engines in the order in which they are tried (docs/providers.md)',
      example: 'assemblyai > deepgram > local',
    }),
    STT_VAD: z.enum(['silero', 'webrtc']).optional().meta({
      description:
        'Voice activity detector; silero, and webrtc for the scripted engine, whose voice is made for machines',
    }),
    STT_KEY_TERMS: z
      .string()
      .default('')
      .meta({ description: 'Words that callers are likely to say, with commas', example: 'turkey club,veggie wrap' }),
    STT_DECODERS: z.coerce
      .number()
      .int()
      .min(1)
      .optional()
      .meta({ description: 'Most utterances the local engine decodes at a time; each takes about 100 MB' }),
    UTTERANCE_SILENCE_MS: milliseconds(300).meta({ description: 'Silence that ends an utterance' }),
    CALLER_STALL_MS: milliseconds(1000).meta({
      description: 'How long a caller may send nothing at all before that counts as silence; a network may stand still',
    }),
    FINAL_TIMEOUT_MS: milliseconds(8000).meta({ description: 'How long the engine may take for a final transcript' }),
    SCRIPTED_STT_LATENCY_MS: milliseconds(0).meta({ description: "Scripted engine's time to a final transcript" }),
    SCRIPTED_STT_ENDS_TURNS: envFlag()
      .default(false)
      .meta({ description: 'The scripted engine ends turns by itself for agents that want that' }),
    ...speechToTextProviderEnv,
  })
  .transform((env, context) => {
    const read = readChain('stt', 'STT_ENGINE', env.STT_ENGINE, env.STT_SETTINGS, env);
    if ('chain' in read) return { ...env, STT_CHAIN: read.chain };
    for (const { name, message } of read.problems) context.addIssue({ code: 'custom', path: [name], message });
    return z.NEVER;
  });

/** Settings of the stt stage. */
export type SttConfig = Readonly<z.output<typeof sttEnv>>;

/** Reads the settings. @throws {ConfigError} `config_invalid` */
export function loadSttConfig(env: Environment = process.env): SttConfig {
  return parseEnv(sttEnv, env);
}
