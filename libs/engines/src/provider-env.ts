import { PROVIDER_SETTINGS, parseProviderChain, type ProviderPort } from '@parley/ports';
import type { ProviderChoice } from '@parley/contracts';
import { z } from 'zod';

const keyOf = (vendor: string) =>
  z
    .string()
    .min(1)
    .optional()
    .meta({ description: `Key of ${vendor}`, secret: true });
const urlOf = (vendor: string, example: string) =>
  z
    .url()
    .optional()
    .meta({ description: `Address of ${vendor}, or of a server like it; its own when unset`, example });

/** Variables of every provider, by their names in chains. */
const VENDOR_ENV = {
  assemblyai: {
    ASSEMBLYAI_API_KEY: keyOf('AssemblyAI'),
    ASSEMBLYAI_BASE_URL: urlOf('AssemblyAI', 'wss://streaming.eu.assemblyai.com'),
  },
  elevenlabs: {
    ELEVENLABS_API_KEY: keyOf('ElevenLabs'),
    ELEVENLABS_BASE_URL: urlOf('ElevenLabs', 'https://api.eu.residency.elevenlabs.io'),
  },
  deepgram: {
    DEEPGRAM_API_KEY: keyOf('Deepgram'),
    DEEPGRAM_BASE_URL: urlOf('Deepgram', 'wss://api.eu.deepgram.com'),
  },
  cartesia: {
    CARTESIA_API_KEY: keyOf('Cartesia'),
    CARTESIA_BASE_URL: urlOf('Cartesia', 'https://api.cartesia.ai'),
  },
  openai: {
    OPENAI_API_KEY: keyOf('OpenAI, or of a compatible server'),
    OPENAI_BASE_URL: urlOf('OpenAI', 'http://localhost:11434/v1'),
  },
  anthropic: {
    ANTHROPIC_API_KEY: keyOf('Anthropic'),
    ANTHROPIC_BASE_URL: urlOf('Anthropic', 'https://api.anthropic.com'),
  },
  azure: {
    AZURE_OPENAI_API_KEY: keyOf('Azure OpenAI'),
    AZURE_OPENAI_ENDPOINT: z
      .url()
      .optional()
      .meta({ description: 'Address of the Azure OpenAI resource', example: 'https://example.openai.azure.com' }),
  },
} as const;

const settingsOf = (what: string) =>
  z
    .string()
    .default('{}')
    .transform((text, context) => {
      try {
        return z.record(z.string(), z.record(z.string(), z.unknown())).parse(JSON.parse(text));
      } catch {
        context.addIssue('expected a JSON object of settings by provider');
        return z.NEVER;
      }
    })
    .meta({ description: `Settings of the ${what} by provider, as JSON (docs/providers.md)`, example: '{"openai":{"model":"gpt-4.1-mini"}}' }); // prettier-ignore
const wait = (fallback: number, description: string) =>
  z.coerce.number().int().min(100).default(fallback).meta({ description });
const waits = {
  PROVIDER_CONNECT_TIMEOUT_MS: wait(5000, 'How long a provider may take to be connected to'),
  PROVIDER_ANSWER_TIMEOUT_MS: wait(5000, 'How long a provider may say nothing while it is waited for'),
};

/** What speech to text needs to know of its providers. */
export const speechToTextProviderEnv = {
  STT_SETTINGS: settingsOf('speech-to-text providers'),
  ...waits,
  ...VENDOR_ENV.assemblyai,
  ...VENDOR_ENV.elevenlabs,
  ...VENDOR_ENV.deepgram,
  ...VENDOR_ENV.openai,
};

/** What text to speech needs to know of its providers. */
export const textToSpeechProviderEnv = {
  TTS_SETTINGS: settingsOf('text-to-speech providers'),
  ...waits,
  ...VENDOR_ENV.elevenlabs,
  ...VENDOR_ENV.cartesia,
  ...VENDOR_ENV.openai,
};

/** What the agent stage needs to know of its language models' providers. */
export const languageModelProviderEnv = {
  LLM_SETTINGS: settingsOf('language models'),
  LLM_HEDGE_AFTER_MS: z.coerce.number().int().min(50).optional().meta({
    description:
      'How long the first word may take until the next model of the chain is asked as well; never when unset',
    example: '1500',
  }),
  ...waits,
  ...VENDOR_ENV.openai,
  ...VENDOR_ENV.azure,
  ...VENDOR_ENV.anthropic,
};

/** A variable that holds a chain; which providers there are is checked with all other variables. */
export function chainEnv(port: ProviderPort) {
  return z.string().superRefine((text, context) => {
    for (const name of text.split('>').map((part) => part.trim())) {
      const known = Object.keys(PROVIDER_SETTINGS[port]);
      if (name !== 'local' && !known.includes(name)) context.addIssue(`expected names of ${known.join(', ')}, with > between them`); // prettier-ignore
    }
  });
}

/** The variable without which a provider cannot be used. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  assemblyai: ['ASSEMBLYAI_API_KEY'],
  elevenlabs: ['ELEVENLABS_API_KEY'],
  deepgram: ['DEEPGRAM_API_KEY'],
  'deepgram-flux': ['DEEPGRAM_API_KEY'],
  cartesia: ['CARTESIA_API_KEY'],
  openai: ['OPENAI_API_KEY'],
  anthropic: ['ANTHROPIC_API_KEY'],
  azure: ['AZURE_OPENAI_API_KEY', 'AZURE_OPENAI_ENDPOINT'],
};

/** Variables that a provider needs and that are not set. */
export function missingFor(provider: string, env: object): string[] {
  return (NEEDED[provider] ?? []).filter((name) => !(env as Record<string, unknown>)[name]);
}

/** Whether a provider needs no key. */
export function needsNothing(provider: string): boolean {
  return NEEDED[provider] === undefined;
}

/** A chain of a stage's settings, or what is wrong with it, by variable. */
export function readChain(
  port: ProviderPort,
  variable: string,
  text: string,
  settings: Readonly<Record<string, unknown>>,
  env: object,
): { chain: ProviderChoice[] } | { problems: { name: string; message: string }[] } {
  try {
    const chain = parseProviderChain(port, text, settings);
    const problems = chain.flatMap(({ provider }) =>
      missingFor(provider, env).map((name) => ({ name, message: `is required for ${variable}=${text}` })),
    );
    return problems.length > 0 ? { problems } : { chain };
  } catch (error) {
    return { problems: [{ name: variable, message: (error as Error).message }] };
  }
}
