import { z } from 'zod';

const words = z.string().trim().min(1);
const delay = z.number().int().positive();

/** The tool that an agent with `hangUp` has. */
export const HANG_UP_TOOL = 'hang_up';

/** The tool that an agent with `sendDigits` has. */
export const SEND_DIGITS_TOOL = 'send_digits';

/** What an agent does when a machine answers its call. */
const voicemailSchema = z
  .object({
    do: z.enum(['hang_up', 'leave_message', 'ignore']).default('hang_up'),
    /** Said behind the machine's greeting, word for word, and not interrupted; then the agent hangs up. */
    message: words.optional(),
  })
  .refine((voicemail) => voicemail.do !== 'leave_message' || voicemail.message !== undefined, {
    path: ['message'],
    error: 'leave_message needs the message that is left',
  });

/** How an agent calls somebody. */
const outgoingSchema = z.object({
  /** How long the one who is called is let speak first. */
  listenMs: delay.default(2500),
  /** Nobody has said anything for so long after that: `goodbye`, if there is one, and the agent hangs up. */
  silenceMs: delay.default(10_000),
  voicemail: voicemailSchema.prefault({}),
});

/** What becomes of failures. */
const apologySchema = z.object({
  text: words.default('Sorry, something went wrong here. Could you say that again?'),
  /** After so many in a row, without an answer between them, `goodbye` is said and the agent hangs up. */
  hangUpAfter: z.number().int().min(1).default(3),
  goodbye: words.default('I am sorry, I cannot help you right now. Please call again later.'),
});

/** What an agent says and does by itself, beside its answers. */
export const agentBehaviourSchema = z.object({
  /** The first that is said in a session, word for word. */
  greeting: words.optional(),
  /** Of calls that the agent makes: the one who is called speaks first, and may be a machine. */
  outgoing: outgoingSchema.prefault({}),
  /**
   * What keys of a telephone are that the caller presses: a turn such as "pressed 1 2 3 #", when the last is `#` or none
   * has followed for 2 s, or nothing.
   */
  dtmf: z.enum(['turns', 'ignore']).default('turns'),
  /** Gives the model the tool `send_digits`: keys of a telephone that sound in the agent's voice. */
  sendDigits: z.boolean().default(false),
  /**
   * How much the model is shown of a conversation, in tokens of four characters. What is older is summarised by the model
   * between turns.
   */
  historyTokens: z.number().int().min(200).default(6000),
  /** Gives the model the tool `hang_up`: the session ends when the reply that calls it has been heard. */
  hangUp: z.boolean().default(false),
  /** What is said when neither side says anything. */
  idle: z
    .object({
      /** Silence before the first prompt, and before each further one. */
      afterMs: delay,
      /** Said one after the other; from the first again when the caller has said something. */
      prompts: z.array(words).default([]),
      /** Said after the last of them; then the agent hangs up. Without it, and the agent's `goodbye`, it does not. */
      goodbye: words.optional(),
    })
    .optional(),
  /** Longest duration of a session: at the next pause after it the agent says `goodbye` and hangs up. */
  maxDurationMs: delay.optional(),
  /** Said at a pause, so long before the session has its longest duration. */
  warning: z.object({ text: words, beforeMs: delay }).optional(),
  goodbye: words.optional(),
  /** What callers hear when they were not understood or could not be answered, because engines failed; `false` for nothing. */
  apology: z.union([z.literal(false), apologySchema]).prefault({}),
});

/** What an agent says and does by itself. */
export type AgentBehaviour = z.output<typeof agentBehaviourSchema>;
/** What an agent may say of it. */
export type AgentBehaviourInput = z.input<typeof agentBehaviourSchema>;
