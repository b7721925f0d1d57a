import { DEFAULT_POLICY, type KeptCause, type SessionPolicy } from '@parley/contracts';
import { isBackchannel, isEcho, wordsOf } from './backchannel.js';
import { judge, speechLater } from './overlap.js';
import { turnOf, type ActiveReply, type HistoryTurn, type TurnState } from './turn-state.js';

/** These turns are to be answered. */
export interface StartCommand {
  type: 'start';
  reply: number;
  turn: number;
  userText: string;
  /** Ids of the events that ended the turns. */
  answers: string[];
}

/** What is to be done next. */
export type TurnCommand =
  | StartCommand
  | { type: 'interrupt'; reply: number; cause: string }
  /** Speech during the reply is no interruption; these turns need no answer. */
  | { type: 'keep'; reply: number; cause: KeptCause; utterance: number; unanswered: string[] }
  | WaitCommand;

/** Speech cannot be judged yet: {@link timePassed} is to be called after so long, unless something else is due before. */
export interface WaitCommand {
  type: 'wait';
  utterance: number;
  forWhat: 'lasting' | 'words';
  ms: number;
}

/** The state after the time that a `wait` command asks for. Pure. */
export function timePassed(state: TurnState, { utterance, forWhat }: WaitCommand): TurnState {
  return { ...state, speech: speechLater(state.speech, utterance, forWhat) };
}

/** What follows from the state; undefined when there is nothing to do but wait for an event. Pure. */
export function decideTurn(state: TurnState): TurnCommand | undefined {
  if (state.phase === 'ended' || state.phase === 'opening') return undefined;
  if (state.active) return duringReply(state, state.active);
  if (state.open.length === 0) return undefined;
  return {
    type: 'start',
    reply: state.reply + 1,
    turn: state.turn + 1,
    userText: state.open.map(({ text }) => text).join(' '),
    answers: state.open.map(({ id }) => id),
  };
}

/** Whether the caller cannot interrupt the reply now: for as long as it lasts, or until its sentence has been played. Pure. */
export function holdOf(state: TurnState): 'muted' | 'uninterruptible' | undefined {
  const { active } = state;
  const turn = active && turnOf(state, active.reply);
  if (!turn) return undefined;
  const { mute } = interruptionOf(state);
  const isToolRunning = turn.toolCalls.some(({ returned }) => !returned);
  if (mute === 'always' || (mute === 'first_reply' && turn.reply === 1) || (mute === 'tools' && isToolRunning)) {
    return 'muted';
  }
  return turn.uninterruptible.includes(sentenceOf(turn)) ? 'uninterruptible' : undefined;
}

function duringReply(state: TurnState, { reply, textDone }: ActiveReply): TurnCommand | undefined {
  const { speech, open } = state;
  const hold = holdOf(state);
  // Most events come while nobody speaks: what the reply says so far is put together only for somebody who does.
  const command = open.length > 0 || speech.current ? overReply(state, reply, hold) : undefined;
  if (command) return command;
  if (hold !== 'uninterruptible' && speech.overThrough > speech.judgedThrough) {
    const cause = hold ?? 'too_few_words';
    return { type: 'keep', reply, cause, utterance: speech.overThrough, unanswered: [] };
  }
  // Nobody plays it any more: the rest of its text would be written for nobody.
  if (!textDone && turnOf(state, reply)?.settled) return { type: 'interrupt', reply, cause: 'playout_ended' };
  return undefined;
}

/** What turns and speech over the reply come to; undefined when they have to wait for it. */
function overReply(state: TurnState, reply: number, hold: ReturnType<typeof holdOf>): TurnCommand | undefined {
  const { speech, open } = state;
  const interruption = interruptionOf(state);
  const context = { ...saidIn(state, reply), noises: speech.noises };
  for (const { id, text, isSpoken, waits } of open) {
    const cause = isSpoken ? keptFor(text, context) : undefined;
    if (cause) return { type: 'keep', reply, cause, utterance: speech.overThrough, unanswered: [id] };
    if (!hold && !waits && (!isSpoken || wordsOf(text).length >= interruption.minWords))
      return { type: 'interrupt', reply, cause: 'new_turn' };
  }
  if (!speech.current || hold === 'uninterruptible') return undefined;
  const { utterance } = speech.current;
  if (hold === 'muted') return { type: 'keep', reply, cause: 'muted', utterance, unanswered: [] };
  const judgement = judge(speech.current, interruption, context);
  if (judgement.type === 'interrupt') return { type: 'interrupt', reply, cause: 'user_spoke' };
  if (judgement.type === 'keep') return { type: 'keep', reply, cause: judgement.cause, utterance, unanswered: [] };
  return { ...judgement, utterance };
}

/** What the agent says in the reply, and whether it has come to a question. */
function saidIn(state: TurnState, reply: number): { said: string; isAsked: boolean } {
  const turn = turnOf(state, reply);
  if (!turn) return { said: '', isAsked: false };
  // What is asked further on in the reply, nobody has heard yet.
  const heard = turn.sentences.slice(0, sentenceOf(turn) + 1).join('');
  return { said: turn.sentences.join(''), isAsked: heard.trimEnd().endsWith('?') };
}

function keptFor(text: string, { said, isAsked }: { said: string; isAsked: boolean }): KeptCause | undefined {
  if (isBackchannel(text, isAsked)) return 'backchannel';
  return isEcho(text, said) ? 'echo' : undefined;
}

function interruptionOf({ policy }: TurnState): SessionPolicy['interruption'] {
  return (policy ?? DEFAULT_POLICY).interruption;
}

/** The sentence that is being played, as far as the gateway has said. */
function sentenceOf({ heard }: HistoryTurn): number {
  if (!heard) return 0;
  const isOver = heard.sentenceMs !== undefined && heard.playedMs >= heard.sentenceMs;
  return isOver ? heard.sentence + 1 : heard.sentence;
}
