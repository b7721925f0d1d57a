import type { EventOf, EventType, Mode, ParleyEvent, Payload } from '@parley/contracts';
import { TurnEvents } from '@parley/testing';
import { foldTurn } from '../src/fold-turn.js';
import { decideTurn } from '../src/turn-decision.js';
import { initialTurnState, type TurnState } from '../src/turn-state.js';

/** A session that is folded event by event. */
export class Folded {
  readonly events = new TurnEvents();
  state: TurnState = initialTurnState();

  constructor(mode?: Mode) {
    this.state = foldTurn(this.state, this.events.opened(mode));
  }

  on<T extends EventType>(type: T, payload: Payload<T>): EventOf<T> {
    const event = this.events.make(type, payload);
    this.state = foldTurn(this.state, event as ParleyEvent);
    return event;
  }

  said(text: string): string {
    return this.on('turn.ended', { turn: 1, text, eouDelayMs: 1, endPts: 1 }).id;
  }

  /** A turn and its reply with these sentences. */
  replying(...sentences: string[]): this {
    this.on('reply.started', { reply: 1, turn: 1, userText: 'hi', answers: [this.said('hi')] });
    for (const [sentence, text] of sentences.entries()) this.on('reply.sentence', { reply: 1, sentence, text, spoken: text }); // prettier-ignore
    return this;
  }

  ended(outcome: 'completed' | 'failed' = 'completed'): this {
    const sentences = this.state.history.at(-1)?.sentences ?? [];
    const text = sentences.join('');
    this.on('reply.ended', { reply: 1, turn: 1, outcome, sentences: sentences.length, text, durationMs: 1 });
    return this;
  }

  playedTo(sentence: number, playedMs: number): this {
    this.on('playout.progress', { reply: 1, sentence, playedMs });
    return this;
  }

  playoutEnded(
    outcome: Payload<'playout.ended'>['outcome'],
    sentence: number,
    playedMs: number,
    sentenceMs: number,
  ): this {
    this.on('playout.ended', { reply: 1, outcome, sentence, playedMs, sentenceMs, totalMs: playedMs });
    return this;
  }

  interrupted(): this {
    this.on('reply.interrupted', { reply: 1, cause: 'new_turn', sentences: 1 });
    return this;
  }

  get command() {
    return decideTurn(this.state);
  }

  get turn() {
    return this.state.history.at(-1);
  }
}
