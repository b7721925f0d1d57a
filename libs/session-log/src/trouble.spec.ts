import { describe, expect, it } from '@jest/globals';
import type { ParleyEvent } from '@parley/contracts';
import { initialTurnState } from './turn-state.js';
import { NO_TROUBLE, decideApology, foldTrouble } from './trouble.js';

const PLAN = { text: 'Sorry?', hangUpAfter: 2, goodbye: 'I cannot help.' };

const failed = (stage: 'stt' | 'tts', reply?: number) =>
  ({ type: 'stage.failed', stage, code: 'engine_failed', ...(reply !== undefined && { reply }) }) as ParleyEvent;
const started = (occasion?: string) => ({ type: 'reply.started', ...(occasion && { occasion }) }) as ParleyEvent;
const ended = (outcome: 'completed' | 'failed') => ({ type: 'reply.ended', outcome }) as ParleyEvent;

function after(...events: ParleyEvent[]) {
  return { ...initialTurnState(), trouble: events.reduce(foldTrouble, NO_TROUBLE) };
}

describe('what is said of failures', () => {
  it('is nothing where nothing has failed, or the agent has no words for it', () => {
    expect(decideApology(after(), PLAN)).toBeUndefined();
    expect(decideApology(after(failed('stt')), undefined)).toBeUndefined();
    expect(decideApology(after({ ...failed('stt'), code: 'session_crashed' } as ParleyEvent), PLAN)).toBeUndefined();
  });

  it.each([
    ['the caller was not understood', [failed('stt')]],
    ['the caller was not answered', [started(), ended('failed')]],
  ])('is the apology, once, when %s', (_, events) => {
    expect(decideApology(after(...events), PLAN)).toMatchObject({ type: 'say', occasion: 'apology', script: 'Sorry?' });
    expect(decideApology(after(...events), PLAN)).not.toHaveProperty('endReason');
    expect(decideApology(after(...events, started('apology'), ended('completed')), PLAN)).toBeUndefined();
  });

  it('is the goodbye after so many failures without an answer between them', () => {
    const twice = [failed('stt'), started('apology'), ended('completed'), started(), ended('failed')];
    expect(decideApology(after(...twice), PLAN)).toMatchObject({
      script: 'I cannot help.',
      endReason: 'engine_failed',
    });
    const answered = [failed('stt'), started('apology'), ended('completed'), started(), ended('completed'), failed('stt')]; // prettier-ignore
    expect(decideApology(after(...answered), PLAN)).toMatchObject({ script: 'Sorry?' });
  });

  it('counts failures that nothing was said of yet as one', () => {
    expect(decideApology(after(failed('stt'), failed('stt'), failed('stt')), PLAN)).toMatchObject({ script: 'Sorry?' });
  });

  it('is no word, but the end, when reply after reply was not spoken', () => {
    expect(decideApology(after(failed('tts', 3), failed('tts', 3)), PLAN)).toBeUndefined();
    expect(decideApology(after(failed('tts', 3), failed('tts', 5)), PLAN)).toBeUndefined();
    expect(decideApology(after(failed('tts', 3), failed('tts', 4)), PLAN)).toMatchObject({ script: '', endReason: 'engine_failed' }); // prettier-ignore
  });
});
