import { z } from 'zod';

const id = z.string().trim().min(1);

/** Settings of Cartesia's speech, with their defaults. */
export const cartesiaSettings = z.strictObject({
  model: id.default('sonic-3').meta({
    description: 'Model id; one with a date in it never changes. Default sonic-3.',
  }),
  voice: id.default('f786b574-daa5-4673-aa0c-cbe3e8534c02').meta({
    description: 'Id of the voice where the session names none. Default Katie, an American English one.',
  }),
  voices: z.array(id).default([]).meta({
    description: 'Ids of the voices that sessions may name beside it. Default none.',
  }),
  language: id.optional().meta({
    description: "Language that is spoken whatever the session's is, such as en or de. Default the session's.",
  }),
  speed: z.number().min(0.6).max(1.5).optional().meta({
    description: "Factor of the voice's own speed, 0.6 to 1.5. Default 1.",
  }),
  volume: z.number().min(0.5).max(2).optional().meta({
    description: "Factor of the voice's own loudness, 0.5 to 2. Default 1.",
  }),
  emotion: id.optional().meta({
    description: "Emotion that sonic-3 is guided to, such as calm or content. Default the text's own.",
  }),
  pronunciationDictionaryId: id.optional().meta({
    description: 'Id of a pronunciation dictionary of the account. Default none.',
  }),
  maxBufferDelayMs: z.number().int().min(0).max(5000).default(0).meta({
    description: 'How long Cartesia waits for more text, in ms, 0 to 5000. Default 0; of the provider 3000.',
  }),
});

/** Settings of Cartesia's speech. */
export type CartesiaSettings = z.output<typeof cartesiaSettings>;
