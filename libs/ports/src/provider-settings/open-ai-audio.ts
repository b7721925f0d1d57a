import { z } from 'zod';

const words = z.string().trim().min(1);

/** Settings of speech of OpenAI, or of a server like it, with their defaults. */
export const openAiSpeechSettings = z.strictObject({
  model: words.default('gpt-4o-mini-tts').meta({ description: 'Model id. Default gpt-4o-mini-tts.' }),
  voice: words.default('alloy').meta({
    description: 'Voice where the session names none. Default alloy.',
  }),
  voices: z.array(words).default([]).meta({
    description: 'Voices that sessions may name beside it. Default none.',
  }),
  instructions: words.optional().meta({
    description: 'How the voice is to speak, in words; not for tts-1 and tts-1-hd. Default none.',
  }),
  speed: z.number().min(0.25).max(4).optional().meta({
    description: "Factor of the voice's own speed, 0.25 to 4. Default 1.",
  }),
  sampleRateHz: z.number().int().min(8000).max(48_000).default(24_000).meta({
    description: "Rate of the server's pcm, in Hz. Default 24000, as OpenAI's is.",
  }),
});

/** Settings of speech of OpenAI, or of a server like it. */
export type OpenAiSpeechSettings = z.output<typeof openAiSpeechSettings>;

/** Settings of transcription of OpenAI, or of a server like it, with their defaults. */
export const openAiTranscriptionSettings = z.strictObject({
  model: words.default('gpt-4o-mini-transcribe').meta({ description: 'Model id. Default gpt-4o-mini-transcribe.' }),
  language: words.optional().meta({
    description: "Language that is heard whatever the session's is, such as en or de. Default the session's.",
  }),
  prompt: words.optional().meta({
    description: 'Text before the key terms, in the language spoken, that the model is guided by. Default none.',
  }),
  temperature: z.number().min(0).max(1).optional().meta({
    description: "Randomness of the transcript, 0 to 1. Default the provider's, 0.",
  }),
  stream: z.boolean().default(false).meta({
    description:
      'Whether the transcript is to come piece by piece, as interim results; not for whisper-1. Default false.',
  }),
  maxUtteranceMs: z.number().int().min(1000).max(240_000).default(60_000).meta({
    description: 'Longest utterance, in ms, 1000 to 240000; a longer one is transcribed in parts. Default 60000.',
  }),
});

/** Settings of transcription of OpenAI, or of a server like it. */
export type OpenAiTranscriptionSettings = z.output<typeof openAiTranscriptionSettings>;
