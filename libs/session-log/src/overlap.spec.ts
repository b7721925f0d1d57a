import { describe, expect, it } from '@jest/globals';
import { DEFAULT_POLICY, type EventType, type ParleyEvent, type Payload } from '@parley/contracts';
import { TurnEvents } from '@parley/testing';
import { NO_SPEECH, foldSpeech, judge, speechLater, type CallerSpeech } from './overlap.js';

const KNOWN = { endPts: 0, audioMs: 1, engine: 'x', transcriptionMs: 1 };

/** The caller's speech, event by event. */
class Speech {
  readonly events = new TurnEvents();
  speech: CallerSpeech = NO_SPEECH;

  on<T extends EventType>(type: T, payload: Payload<T>): this {
    this.speech = foldSpeech(this.speech, this.events.make(type, payload) as ParleyEvent);
    return this;
  }
  started(utterance = 1): this {
    return this.on('speech.started', { utterance, pts: 0 });
  }
  stopped(durationMs: number, utterance = 1): this {
    return this.on('speech.stopped', { utterance, pts: 0, durationMs });
  }
  interim(text: string, stableChars = text.length): this {
    return this.on('transcript.interim', { utterance: 1, text, stableChars });
  }
  final(text: string, utterance = 1): this {
    return this.on('transcript.final', { utterance, text, ...KNOWN });
  }
  later(what: 'lasting' | 'words'): this {
    this.speech = speechLater(this.speech, this.speech.current?.utterance ?? 0, what);
    return this;
  }
  judged(
    policy: Partial<typeof DEFAULT_POLICY.interruption> = {},
    said = 'I tell you something long.',
    isAsked = false,
    noises = 0,
  ) {
    const { current } = this.speech;
    return current && judge(current, { ...DEFAULT_POLICY.interruption, ...policy }, { said, isAsked, noises });
  }
}

const speech = () => new Speech().started();
const waits = (forWhat: 'lasting' | 'words') => expect.objectContaining({ type: 'wait', forWhat }) as unknown;
const keeps = (cause: string) => ({ type: 'keep', cause });
const INTERRUPTS = { type: 'interrupt' };

describe('speech during a reply', () => {
  it('is waited with until it has lasted, and interrupts then', () => {
    expect(speech().judged()).toEqual({ type: 'wait', forWhat: 'lasting', ms: 400 });
    expect(speech().later('lasting').judged()).toEqual(INTERRUPTS);
    expect(speech().stopped(400).later('words').judged()).toEqual(INTERRUPTS);
  });

  it('is waited with for as long as its end takes to be told of', () => {
    const coughing = new Speech().on('speech.started', { utterance: 1, pts: 0, stopsAfterMs: 300 });
    expect(coughing.judged()).toEqual({ type: 'wait', forWhat: 'lasting', ms: 700 });
  });

  it('interrupts with its first words', () => {
    expect(speech().interim('but').judged()).toEqual(INTERRUPTS);
    expect(speech().stopped(200).final('stop').judged()).toEqual(INTERRUPTS);
  });

  it('does not interrupt with words that may still change, and does when they stand', () => {
    expect(speech().interim('the', 0).judged()).toEqual(waits('lasting'));
    expect(speech().interim('the', 0).interim('okay', 0).stopped(500).final('okay').judged()).toEqual(
      keeps('backchannel'),
    );
    expect(speech().interim('stop it', 4).judged()).toEqual(INTERRUPTS);
  });

  it('is noise when it was short and comes to no words, at once or in time', () => {
    expect(speech().stopped(200).judged()).toEqual({ type: 'wait', forWhat: 'words', ms: 700 });
    expect(speech().stopped(200).final('').judged()).toEqual(keeps('noise'));
    expect(speech().stopped(900).final('').judged()).toEqual(keeps('noise'));
    expect(speech().stopped(200).later('words').judged()).toEqual(keeps('noise'));
  });

  it('is a backchannel when all it says is that, however long', () => {
    expect(speech().interim('mhm').later('lasting').judged()).toEqual(waits('words'));
    expect(speech().interim('mhm').stopped(600).final('mhm').judged()).toEqual(keeps('backchannel'));
    expect(speech().stopped(600).judged()).toEqual(waits('words'));
    expect(speech().interim('mhm').interim('mhm wait').judged()).toEqual(INTERRUPTS);
  });

  it('is an answer when it agrees to a question', () => {
    expect(speech().interim('yes').judged({}, 'Shall I?', true)).toEqual(INTERRUPTS);
  });

  it('is an echo when it says what the agent says', () => {
    const echo = speech().interim('I tell you something long');
    expect(echo.judged()).toEqual(waits('words'));
    expect(echo.stopped(900).final('I tell you something long').judged()).toEqual(keeps('echo'));
  });

  it('takes as many words as the policy wants, however long it lasts', () => {
    const policy = { minWords: 2 };
    expect(speech().later('lasting').judged(policy)).toEqual(waits('words'));
    expect(speech().interim('stop').judged(policy)).toEqual(waits('lasting'));
    expect(speech().interim('stop now').judged(policy)).toEqual(INTERRUPTS);
    expect(speech().stopped(900).final('stop').judged(policy)).toEqual(keeps('too_few_words'));
  });
});

describe('the utterance that is judged', () => {
  it('is none that a turn has ended with, whatever comes late of it', () => {
    const said = speech()
      .stopped(500)
      .final('hello')
      .on('turn.ended', { turn: 1, text: 'hello', eouDelayMs: 1, endPts: 1 });
    expect(said.speech.current).toBeUndefined();
    expect(said.stopped(500).interim('hello').speech.current).toBeUndefined();
  });

  it('is the one that goes on when the turn before it ends late', () => {
    const said = speech().stopped(500).final('hello').started(2);
    said.on('turn.ended', { turn: 1, text: 'hello', eouDelayMs: 1, endPts: 1 });
    expect(said.speech.current).toMatchObject({ utterance: 2, text: '' });
  });

  it('is none that was judged', () => {
    const said = speech().on('reply.kept', { reply: 1, cause: 'noise', utterance: 1, unanswered: [] });
    expect(said.final('late').speech.current).toBeUndefined();
    expect(said.started(2).speech.current).toMatchObject({ utterance: 2 });
  });

  it('is one that was begun before the reply only by what it says from then on', () => {
    const started = { reply: 1, turn: 1, userText: 'hi', answers: [] };
    expect(speech().interim('hello').later('lasting').on('reply.started', started).judged()).toEqual(waits('lasting'));
    expect(speech().stopped(900).on('reply.started', started).speech.current).toBeUndefined();
  });

  it('is known by whatever comes first of it', () => {
    expect(new Speech().interim('but').judged()).toEqual(INTERRUPTS);
  });
});
