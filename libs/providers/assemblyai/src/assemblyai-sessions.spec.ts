import { afterEach, describe, expect, it } from '@jest/globals';
import { codeOf, within } from '@parley/ports/conformance';
import { eventually } from '@parley/testing';
import { Emulated, silence, turn, voice, type EmulatedOptions } from '../spec-support/emulated.js';

let running: Emulated;
async function start(options?: EmulatedOptions): Promise<Emulated> {
  running = await Emulated.start(options);
  return running;
}
afterEach(() => running.stop());

/** Opens a stream in which the provider says what the test does. */
async function told(options: EmulatedOptions = {}, isEndingTurns = true) {
  await start(options);
  const opened = await running.open(isEndingTurns ? { endOfTurn: { minSilenceMs: 200, maxSilenceMs: 900 } } : {});
  opened.stream.write(silence(3000));
  return opened;
}

const OVER = { end_of_turn: true };
const FORMATTED = { end_of_turn: true, turn_is_formatted: true };

describe('AssemblyAI, what it says twice or too late', () => {
  it('is heard once when a turn is said plain and formatted', async () => {
    const { log } = await told({ settings: { formatTurns: true } });
    running.say(turn(0, 'my name is'));
    running.say(turn(0, 'my name is sonny', OVER));
    running.say(turn(0, 'My name is Sonny.', FORMATTED));
    running.say(turn(1, 'bye'));
    await log.until('bye', () => log.events.at(-1)?.type === 'interim');
    expect(log.types).toEqual(['final', 'end_of_turn']);
    expect(log.finals).toEqual(['My name is Sonny.']);
    expect(running.incidents).toEqual([]);
  });

  it('is heard plain when the formatted words do not come, which then are late', async () => {
    const { log } = await told({ settings: { formatTurns: true } });
    running.say(turn(0, 'my name is sonny', OVER));
    await log.until('end', () => log.types.includes('end_of_turn'));
    running.say(turn(0, 'My name is Sonny.', FORMATTED));
    await eventually(() => running.incidents.length > 0, { what: 'incident', deadlineMs: 2000 });
    expect(running.incidents).toEqual(['late']);
    expect(log.finals).toEqual(['my name is sonny']);
  });

  it('is heard plain as soon as the next turn begins', async () => {
    const { log } = await told({ settings: { formatTurns: true } });
    running.say(turn(0, 'yes', OVER));
    running.say(turn(1, 'no'));
    await log.until('no', () => log.events.at(-1)?.type === 'interim');
    expect(log.events.map((event) => ('text' in event ? event.text : event.type))).toEqual([
      'yes',
      'end_of_turn',
      'no',
    ]);
  });

  it('is heard once though it was not to be formatted', async () => {
    const { stream, log } = await told();
    running.say(turn(0, 'yes', OVER));
    running.say(turn(0, 'Yes.', FORMATTED));
    await log.until('end', () => log.types.includes('end_of_turn'));
    stream.flush();
    await log.flushed(1);
    expect(log.types).toEqual(['final', 'end_of_turn', 'flushed']);
    expect(running.incidents).toEqual(['late']);
  });

  it.each([true, false])('is no turn when there are no words in it, formatted or not: %s', async (formatTurns) => {
    const { stream, log } = await told({ settings: { formatTurns } });
    running.say(turn(0, '', OVER));
    running.say(turn(0, 'Yes.', FORMATTED));
    await log.until('end', () => log.types.includes('end_of_turn'));
    stream.flush();
    await log.flushed(1);
    expect(log.types).toEqual(['final', 'end_of_turn', 'flushed']);
  });

  it('is a final without an end of turn in a stream whose turns others end', async () => {
    const { log } = await told({}, false);
    running.say(turn(0, 'well then', OVER));
    await log.until('final', () => log.finals.length > 0);
    expect(log.events).toEqual([expect.objectContaining({ type: 'final', text: 'well then', endMs: 2180 })]);
  });

  it('keeps words that came without a transcript', async () => {
    const { log } = await told();
    running.say({ ...turn(0, 'loose words', OVER), transcript: '' });
    await log.until('final', () => log.finals.length > 0);
    expect(log.finals).toEqual(['loose words']);
  });

  it('shrinks and is rewritten', async () => {
    const { log } = await told({ settings: { speechModel: 'universal-3-5-pro' } });
    for (const text of ['Harvard Point', 'Harbor', 'Harbor']) {
      running.say(turn(0, text, { end_of_turn_confidence: 0 }));
      await log.until(text, () => log.events.some((event) => event.type === 'interim' && event.text === text));
    }
    running.say(turn(0, 'Harbor Point.', FORMATTED));
    await log.until('end', () => log.types.includes('end_of_turn'));
    expect(log.events.flatMap((event) => ('text' in event ? event.text : []))).toEqual(['Harvard Point', 'Harbor', 'Harbor Point.']); // prettier-ignore
    expect(log.events[0]).toMatchObject({ stableChars: 0 });
  });
});

describe('AssemblyAI, a flush', () => {
  it.each([false, true])('of sound without words is answered, though it answers nothing or an empty turn: %s', async (answersEmptyForce) => {
    await start({ emulator: { answersEmptyForce } });
    const { stream, log } = await running.open();
    stream.write(silence(500).map((_, at) => Math.round(Math.sin(at / 5) * 9000)));
    stream.flush();
    await log.flushed(1);
    stream.write(voice('a tea'));
    stream.flush();
    await log.flushed(2);
    expect(log.types).toEqual(['flushed', 'final', 'flushed']);
  }); // prettier-ignore

  it('waits for the end of a turn whose words have come, longer than for words', async () => {
    await start({ settings: { noWordsMs: 50 }, emulator: { ears: undefined } });
    const { stream, log } = await running.open();
    stream.write(silence(500));
    running.say(turn(0, 'one moment'));
    await log.until('interim', () => log.events.length > 0);
    stream.flush();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(log.types).toEqual([]);
    running.say(turn(0, 'one moment please', OVER));
    await log.flushed(1);
    expect(log.finals).toEqual(['one moment please']);
  });

  it('of silence before words is not answered with the words behind it', async () => {
    await start();
    const { stream, log } = await running.open();
    stream.write(silence(400));
    stream.flush();
    stream.write(voice('a tea'));
    stream.flush();
    await log.flushed(2);
    expect(log.types).toEqual(['flushed', 'final', 'flushed']);
  });

  it('fails with engine_timeout when words have come and the end of their turn does not', async () => {
    await start({ engine: { answerTimeoutMs: 400 } });
    const { stream, log } = await running.open();
    stream.write(silence(500));
    running.say(turn(0, 'one moment'));
    await log.until('interim', () => log.events.length > 0);
    stream.flush();
    await within(3000, 'the end', log.ended);
    expect(log.events.at(-1)).toMatchObject({ type: 'error', error: { code: 'engine_timeout', retryable: true } });
    expect(await codeOf((async () => stream.write(silence(20)))())).toBe('engine_closed');
  });

  it('that a reset overtakes while the formatted words are awaited has no final, and the next has its own', async () => {
    await start({ settings: { formatTurns: true } });
    const { stream, log } = await running.open();
    stream.write(silence(500));
    stream.flush();
    running.say(turn(0, 'forget this', OVER));
    stream.reset();
    stream.write(voice('a tea'));
    stream.flush();
    await log.flushed(2);
    expect(log.finals.join()).not.toContain('forget');
  });
});

describe('AssemblyAI, a reset', () => {
  it('lets nothing be heard of what it dropped, words in between included', async () => {
    const { stream, log } = await told();
    stream.reset();
    running.say(turn(0, 'forget'));
    running.say({ type: 'Mark' });
    await eventually(() => running.incidents.length > 0, { what: 'the mark', deadlineMs: 2000 });
    running.say(turn(0, 'forget this', OVER));
    running.say(turn(1, 'keep this'));
    await log.until('words', () => log.events.length > 0);
    expect(log.events).toEqual([{ type: 'interim', text: 'keep this', stableChars: 9 }]);
  });
});

describe('AssemblyAI, what is not known', () => {
  it('is passed over, and told of', async () => {
    const { log } = await told();
    running.say({ type: 'Emotion', mood: 'bright' });
    running.say({ no: 'type' });
    running.say([] as unknown as Record<string, unknown>);
    for (const type of ['SpeechStarted', 'Heartbeat', 'Silence', 'SpeakerRevision', 'LLMGatewayResponse'])
      running.say({ type });
    running.say(turn(0, 'yes', { ...OVER, mood: 'bright' }));
    await log.until('end', () => log.types.includes('end_of_turn'));
    expect(running.incidents).toEqual(['ignored_message', 'ignored_message', 'ignored_message']);
  });

  it.each([
    ['no JSON', '{"type":'],
    ['null', 'null'],
    ['a number', '7'],
    ['a turn without its order', { ...turn(0, 'yes'), turn_order: undefined }],
    ['a turn whose words are none', { ...turn(0, 'yes'), words: [{ text: 'yes' }] }],
    ['a turn whose transcript is none', { ...turn(0, 'yes'), transcript: null }],
  ])('is engine_protocol when it is %s', async (_, message) => {
    const { log } = await told();
    running.say(message);
    await within(3000, 'the end', log.ended);
    expect(log.events).toMatchObject([{ type: 'error', error: { code: 'engine_protocol', retryable: true } }]);
  });

  it('is engine_protocol when it is sound', async () => {
    const { log } = await told();
    running.sessions.at(-1)?.say(Buffer.from([1, 2, 3]));
    await within(3000, 'the end', log.ended);
    expect(log.events).toMatchObject([{ type: 'error', error: { code: 'engine_protocol' } }]);
  });
});
