import { z } from 'zod';

const enableLogging = z
  .boolean()
  .default(true)
  .meta({ description: 'false asks for zero retention, which is for enterprise accounts alone' });

/** Settings of ElevenLabs' speech to text (Scribe realtime). */
export const elevenLabsSpeechToTextSettings = z
  .strictObject({
    model: z.string().min(1).default('scribe_v2_realtime').meta({ description: 'Model that listens' }),
    commitStrategy: z.enum(['manual', 'vad']).default('manual').meta({
      description:
        'Who decides where a segment ends: `manual` is fed utterances alone and ends one when it is flushed, `vad` is fed all audio and also ends one in silence by itself',
    }),
    vadSilenceMs: z.number().min(300).max(3000).optional().meta({
      description: 'With `vad`: silence that ends a segment, in ms; 1500 at the provider when absent',
    }),
    vadThreshold: z.number().min(0.1).max(0.9).optional().meta({
      description: 'With `vad`: how sure it must be of speech, from 0.1 to 0.9; 0.4 at the provider when absent',
    }),
    minSpeechMs: z.int().min(50).max(2000).optional().meta({
      description: 'With `vad`: shortest sound that counts as speech, in ms; 100 at the provider when absent',
    }),
    minSilenceMs: z.int().min(50).max(2000).optional().meta({
      description: 'With `vad`: shortest pause that counts as silence, in ms; 100 at the provider when absent',
    }),
    keyTerms: z.array(z.string().min(1).max(20)).max(50).default([]).meta({
      description: 'Words that are likely in every session, of 20 characters at most; before those of the session',
    }),
    detectLanguage: z
      .boolean()
      .default(false)
      .meta({ description: "Leaves the language to the provider, instead of telling it the session's" }),
    secondaryLanguages: z
      .array(z.string().min(2).max(3))
      .default([])
      .meta({ description: 'Further languages that may be heard, as ISO 639 codes' }),
    wordTimes: z
      .boolean()
      .default(true)
      .meta({ description: 'Gives the times of words; off at the provider when absent' }),
    noVerbatim: z.boolean().default(false).meta({ description: 'Leaves out fillers and false starts' }),
    filterBackgroundAudio: z
      .boolean()
      .default(false)
      .meta({ description: 'Passes over voices in the background; not together with `wordTimes`' }),
    enableLogging,
  })
  .refine(({ filterBackgroundAudio, wordTimes }) => !(filterBackgroundAudio && wordTimes), {
    path: ['filterBackgroundAudio'],
    message: 'cannot be had together with wordTimes',
  });
/** What {@link elevenLabsSpeechToTextSettings} makes. */
export type ElevenLabsSpeechToTextSettings = z.output<typeof elevenLabsSpeechToTextSettings>;

const share = (what: string) =>
  z
    .number()
    .min(0)
    .max(1)
    .optional()
    .meta({ description: `${what}, from 0 to 1; the voice's own when absent` });

/** Settings of ElevenLabs' text to speech. */
export const elevenLabsTextToSpeechSettings = z
  .strictObject({
    transport: z.enum(['websocket', 'http']).default('websocket').meta({
      description: '`websocket` speaks over connections that are kept open, `http` makes a request for each text',
    }),
    model: z.string().min(1).default('eleven_flash_v2_5').meta({
      description: 'Model that speaks; `eleven_v3` ones over `http` alone',
    }),
    voice: z
      .string()
      .min(1)
      .default('JBFqnCBsd6RMkjVDRZzb')
      .meta({ description: "ID of the voice where the session names none; one of the provider's own when absent" }),
    voices: z
      .array(z.string().min(1))
      .default([])
      .meta({ description: 'IDs of the voices that sessions may name beside it; any when empty' }),
    stability: share('How even the voice is: lower is livelier'),
    similarity: share('How close it keeps to the voice it was made of'),
    style: share('How far its manner is exaggerated, at the cost of latency'),
    speed: z.number().min(0.7).max(1.2).optional().meta({
      description: "How fast it speaks, from 0.7 to 1.2 times; the voice's own when absent",
    }),
    speakerBoost: z.boolean().optional().meta({
      description: "Brings it closer to the voice it was made of, at the cost of latency; the voice's own when absent",
    }),
    language: z.string().min(2).max(3).optional().meta({
      description: "ISO 639-1 code that models that take one are told; the session's when absent",
    }),
    textNormalization: z.enum(['auto', 'on', 'off']).default('auto').meta({
      description: 'Whether numbers and abbreviations are written out before they are spoken',
    }),
    seed: z.int().min(0).max(4_294_967_295).optional().meta({
      description: 'Makes the same text sound the same, mostly; random when absent',
    }),
    proSampleRates: z
      .boolean()
      .default(false)
      .meta({ description: 'Also offers the sample rates that need the Pro plan: 44.1 kHz, and 48 kHz over `http`' }),
    maxConnections: z.int().min(1).max(100).default(10).meta({
      description: 'With `websocket`: connections at a time, each for five texts; more texts are refused as busy',
    }),
    enableLogging,
  })
  .refine(({ transport, model }) => transport === 'http' || !model.startsWith('eleven_v3'), {
    path: ['model'],
    message: 'is spoken over http alone',
  });
/** What {@link elevenLabsTextToSpeechSettings} makes. */
export type ElevenLabsTextToSpeechSettings = z.output<typeof elevenLabsTextToSpeechSettings>;
