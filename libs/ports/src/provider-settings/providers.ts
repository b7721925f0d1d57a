import type { ProviderChoice } from '@parley/contracts';
import { z } from 'zod';
import { anthropicSettings } from './anthropic.js';
import { assemblyAiSettings } from './assemblyai.js';
import { azureOpenAiSettings } from './azure.js';
import { cartesiaSettings } from './cartesia.js';
import { deepgramFluxSettings, deepgramSettings } from './deepgram.js';
import { elevenLabsSpeechToTextSettings, elevenLabsTextToSpeechSettings } from './elevenlabs.js';
import { openAiSpeechSettings, openAiTranscriptionSettings } from './open-ai-audio.js';
import { openAiSettings } from './openai.js';

const none = z.strictObject({});

/** Settings of every provider, by stage: what an agent or a stage may say of each. */
export const PROVIDER_SETTINGS = {
  stt: {
    assemblyai: assemblyAiSettings,
    elevenlabs: elevenLabsSpeechToTextSettings,
    deepgram: deepgramSettings,
    'deepgram-flux': deepgramFluxSettings,
    openai: openAiTranscriptionSettings,
    pocketsphinx: none,
    scripted: none,
  },
  llm: {
    openai: openAiSettings,
    azure: azureOpenAiSettings,
    anthropic: anthropicSettings,
    local: none,
    scripted: none,
  },
  tts: {
    elevenlabs: elevenLabsTextToSpeechSettings,
    cartesia: cartesiaSettings,
    openai: openAiSpeechSettings,
    flite: none,
    scripted: none,
  },
} as const satisfies Record<string, Record<string, z.ZodObject>>;

/** A stage that works with providers. */
export type ProviderPort = keyof typeof PROVIDER_SETTINGS;

/** A provider of a stage by name. */
export type ProviderName<Port extends ProviderPort> = keyof (typeof PROVIDER_SETTINGS)[Port] & string;

/** A provider by name, or with settings of its own. */
export type ProviderInput<Port extends ProviderPort> = {
  [Name in ProviderName<Port>]:
    Name | { provider: Name; settings?: z.input<(typeof PROVIDER_SETTINGS)[Port][Name] & z.ZodType> };
}[ProviderName<Port>];

/** Names that stand for the engine that needs no key. */
const LOCAL = { stt: 'pocketsphinx', llm: 'local', tts: 'flite' } as const;

/**
 * Providers in the order in which they are tried, their settings checked.
 * @example providerChain('stt', { provider: 'assemblyai', settings: { formatTurns: true } }, 'pocketsphinx')
 * @throws {TypeError} for a provider or a setting that does not exist, with what does
 */
export function providerChain<Port extends ProviderPort>(
  port: Port,
  ...links: [ProviderInput<Port>, ...ProviderInput<Port>[]]
): ProviderChoice[] {
  return links.map((link) => (typeof link === 'string' ? choose(port, link, {}) : choose(port, link.provider, link.settings ?? {}))); // prettier-ignore
}

/**
 * Reads a chain as it stands in a setting: `assemblyai > elevenlabs > local`.
 * @param settings by provider
 * @throws {TypeError} for a provider or a setting that does not exist, with what does
 */
export function parseProviderChain(
  port: ProviderPort,
  text: string,
  settings: Readonly<Record<string, unknown>> = {},
): ProviderChoice[] {
  const names = text.split('>').map((name) => name.trim());
  const chain = names.map((name) => choose(port, name, settings[name] ?? {}));
  const unused = Object.keys(settings).filter((name) => !names.includes(name));
  if (unused.length > 0) throw new TypeError(`settings of ${unused.join(', ')}, which is none of ${names.join(', ')}`);
  return chain;
}

/** Checks a choice that was made elsewhere. @throws {TypeError} for a provider or a setting that does not exist */
export function checkProviderChoice(port: ProviderPort, { provider, settings }: ProviderChoice): ProviderChoice {
  return choose(port, provider, settings);
}

function choose(port: ProviderPort, name: string, settings: unknown): ProviderChoice {
  const provider = name === 'local' ? LOCAL[port] : name;
  const schemas: Record<string, z.ZodObject> = PROVIDER_SETTINGS[port];
  const schema = Object.hasOwn(schemas, provider) ? schemas[provider] : undefined;
  if (!schema) throw new TypeError(`no ${port} provider "${name}": there are ${Object.keys(schemas).join(', ')}`);
  const { error } = schema.safeParse(settings);
  if (error) {
    const where = error.issues.map((issue) => `${issue.path.join('.') || 'settings'}: ${issue.message}`).join('; ');
    throw new TypeError(`${port} provider ${provider}: ${where}`);
  }
  return { provider, settings: settings as ProviderChoice['settings'] };
}
