import type { AgentCall } from './agent-call.js';
import type { AgentSettings } from './agent-replica.js';
import { startTimedStage } from './started-stages.js';

/** What the agent says to a person who answers, or to silence. */
export const GREETING = 'Good day, this is the clinic.';
/** What it leaves with a machine. */
export const MESSAGE = 'This is the clinic. Please call us back.';
/** What a machine says. */
export const MACHINE = 'Hi, you have reached Anna. Please leave a message after the tone.';

/** A stage, whose time passes when the test says so, with an agent that calls people; `dial` has it call one. */
export async function startDialling(agent: AgentSettings = {}) {
  const timed = await startTimedStage({ greeting: GREETING, goodbye: 'Good bye.', ...agent });
  const dial = () => timed.stage.call({ mode: 'voice-to-voice', direction: 'outgoing' });
  return { ...timed, dial };
}

/** Settings of an agent that does this when a machine answers. */
export const voicemail = (does: 'hang_up' | 'leave_message' | 'ignore'): AgentSettings => ({
  outgoing: { voicemail: { do: does, message: MESSAGE } },
});

/** Who has answered the call: each time that it was told. */
export const answeredBy = (call: AgentCall) => call.events('session.answered').map(({ by }) => by);

/** Why each reply ended the call, if it did. */
export const ends = (call: AgentCall) => call.events('reply.ended').map(({ endReason }) => endReason);

/** Has a reply of one sentence played to its end. */
export const played = (call: AgentCall, reply: number) =>
  call.playedOut(reply, { outcome: 'completed', sentence: 0, playedMs: 500, sentenceMs: 500 });
