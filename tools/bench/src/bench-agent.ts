import { defineAgent } from '@parley/ports';
import type { ScriptedRule } from '@parley/testing/engines';

/** Twelve words, 3 s of scripted voice, in two sentences. */
const SHORT = 'Well, this is what you asked for. There is no more to say.';
/** Twenty tokens in two sentences, as in the profile whose model takes its time. */
const LONG =
  'Your table is booked, for four people on Friday evening. We look forward to seeing you, please call again soon.';

const rules: ScriptedRule[] = [{ when: '.', reply: process.env.BENCH_REPLY === 'long' ? LONG : SHORT }];

/** Answers every turn alike. A turn is over with its final transcript, so that the way from there can be measured. */
export const benchAgent = defineAgent({
  name: 'bench',
  instructions: `Answer briefly.\n<script>${JSON.stringify(rules)}</script>`,
  tools: [],
  initialState: undefined as unknown,
  endpointing: { by: 'silence', minDelayMs: 300, delayMs: 300, maxDelayMs: 300 },
});
