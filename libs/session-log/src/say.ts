import type { Occasion, SayCommand } from './occasions.js';
import type { TurnState } from './turn-state.js';

/** Says something that answers no turn. Pure. */
export function say({ reply, turn }: TurnState, occasion: Occasion, script: string): SayCommand {
  return { type: 'say', occasion, reply: reply + 1, turn, script, userText: '', answers: [] };
}

/** Says something that answers what was said and has no reply yet, if there is any. Pure. */
export function sayInAnswer(state: TurnState, occasion: Occasion, script: string): SayCommand {
  const { open, turn } = state;
  if (open.length === 0) return say(state, occasion, script);
  const userText = open.map(({ text }) => text).join(' ');
  return { ...say(state, occasion, script), turn: turn + 1, userText, answers: open.map(({ id }) => id) };
}
