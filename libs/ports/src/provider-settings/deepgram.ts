import { z } from 'zod';

const label = z.string().trim().min(1).max(128);
const flag = z.boolean();

/** Settings of Deepgram's Nova models (`/v1/listen`). */
export const deepgramSettings = z.strictObject({
  model: label.default('nova-3').meta({
    description: 'The model. Key terms are `keyterm` for nova-3 and its variants, `keywords` for older ones.',
  }),
  language: label.optional().meta({
    description: "Used in place of the session's language; `multi` for callers who change between languages.",
  }),
  endpointingMs: z.number().int().min(10).max(5000).default(300).meta({
    description: "Silence after which what was heard becomes final, in ms; Deepgram's own default is 10.",
  }),
  utteranceEndMs: z.number().int().min(1000).max(5000).default(1000).meta({
    description: 'Gap between words after which what was heard becomes final where noise hides the silence, in ms.',
  }),
  punctuate: flag.default(true).meta({ description: "Punctuation and capitals; Deepgram's own default is off." }),
  smartFormat: flag.default(false).meta({
    description: 'Formats dates, amounts, addresses and so on; a final may wait for an amount to be complete.',
  }),
  numerals: flag.default(false).meta({ description: 'Numbers as digits.' }),
  fillerWords: flag.default(false).meta({ description: 'Keeps "uh" and "um".' }),
  profanityFilter: flag.default(false).meta({ description: 'Leaves recognised profanity out, or replaces it.' }),
  redact: z
    .array(z.enum(['pci', 'numbers', 'aggressive_numbers', 'ssn']))
    .default([])
    .meta({ description: 'What is replaced in transcripts before they leave Deepgram.' }),
  tags: z.array(label).default([]).meta({ description: "Labels of the requests in Deepgram's usage reports." }),
  mipOptOut: flag.default(false).meta({
    description: "Opts out of Deepgram's model improvement program; it may cost more.",
  }),
});

/** Settings of Deepgram's Nova models, parsed. */
export type DeepgramSettings = z.output<typeof deepgramSettings>;

/** Settings of Deepgram's Flux models (`/v2/listen`), which end turns by themselves. */
export const deepgramFluxSettings = z
  .strictObject({
    model: z.enum(['flux-general-en', 'flux-general-multi']).default('flux-general-en').meta({
      description: "English alone, or ten languages; the latter is told the session's as a hint.",
    }),
    eotThreshold: z.number().min(0.5).max(1).default(0.7).meta({
      description: 'Confidence at which a turn ends, 0.5 to 1, in sessions whose turns the engine ends.',
    }),
    eagerEotThreshold: z.number().min(0.3).max(0.9).optional().meta({
      description: 'Confidence at which an interim result is given for a turn that is probably over; off when unset.',
    }),
    numerals: flag.default(false).meta({ description: 'Numbers as digits; not in Hindi and Japanese.' }),
    profanityFilter: flag.default(false).meta({ description: 'Leaves recognised profanity out, or replaces it.' }),
    redact: z.enum(['numbers', 'aggressive_numbers']).optional().meta({
      description: 'What is replaced in transcripts before they leave Deepgram.',
    }),
    tags: z.array(label).default([]).meta({ description: "Labels of the requests in Deepgram's usage reports." }),
    mipOptOut: flag.default(false).meta({
      description: "Opts out of Deepgram's model improvement program; it may cost more.",
    }),
  })
  .refine(({ eotThreshold, eagerEotThreshold = 0 }) => eagerEotThreshold <= eotThreshold, {
    path: ['eagerEotThreshold'],
    error: 'eagerEotThreshold must not be above eotThreshold',
  });

/** Settings of Deepgram's Flux models, parsed. */
export type DeepgramFluxSettings = z.output<typeof deepgramFluxSettings>;
