import { afterEach, describe, expect, it } from '@jest/globals';
import type { ProviderIncident, SpeechToText } from '@parley/ports';
import { EventLog } from '@parley/ports/conformance';
import { Emulator } from '@parley/testing/emulators';
import { errorOfClose } from './deepgram-error.js';
import { createDeepgram, createDeepgramFlux } from './index.js';

const RATE = 16_000;
const AUDIO = new Int16Array(RATE);
type Message = Record<string, unknown>;

const open: { close(): Promise<void> }[] = [];
const incidents: ProviderIncident[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
  incidents.length = 0;
});

/** A provider that answers the first message of a type, or its `<type> <ordinal>`, as it is told, and others with nothing. */
async function start(hello: Message[], answers: Record<string, (Message | string)[]>) {
  const emulator = await Emulator.start({
    rejection: () => undefined,
    onSocket(socket) {
      const counts: Record<string, number> = {};
      for (const message of hello) socket.send(JSON.stringify(message));
      socket.on('message', (data, isBinary) => {
        const { type } = isBinary ? { type: 'audio' } : (JSON.parse(String(data)) as { type: string });
        const ordinal = (counts[type] = (counts[type] ?? 0) + 1);
        for (const answer of answers[ordinal === 1 ? type : `${type} ${ordinal}`] ?? [])
          socket.send(typeof answer === 'string' ? answer : JSON.stringify(answer));
      });
    },
  });
  const options = { apiKey: 'key', baseUrl: emulator.wsUrl, answerTimeoutMs: 1000, connectTimeoutMs: 1000 };
  return { emulator, options: { ...options, observe: (incident: ProviderIncident) => void incidents.push(incident) } };
}

async function listen(engine: SpeechToText, emulator: Emulator, endOfTurn = false) {
  open.push(engine, { close: () => emulator.stop() });
  const turns = endOfTurn ? { endOfTurn: { minSilenceMs: 300, maxSilenceMs: 1000 } } : {};
  const stream = await engine.open({ sessionId: 's', sampleRateHz: RATE, language: 'en', ...turns });
  return { stream, log: new EventLog(stream, 5000) };
}

async function nova(answers: Record<string, (Message | string)[]>) {
  const { emulator, options } = await start([], answers);
  return listen(createDeepgram(options), emulator);
}

async function flux(answers: Record<string, (Message | string)[]>, endOfTurn = true) {
  const { emulator, options } = await start([{ type: 'Connected', request_id: 'r', sequence_id: 0 }], answers);
  return listen(createDeepgramFlux(options), emulator, endOfTurn);
}

function results(transcript: string, marks: Message = {}, startS = 0, endS = 1): Message {
  const texts = transcript.split(' ').filter(Boolean);
  const eachS = (endS - startS) / texts.length;
  const words = texts.map((word, at) => ({
    word,
    start: startS + at * eachS,
    end: startS + (at + 1) * eachS,
    confidence: 0.9,
  }));
  const channel = { alternatives: [{ transcript, confidence: 0.9, words }] };
  return { type: 'Results', start: startS, duration: endS - startS, channel, ...marks };
}

function turn(event: string, transcript: string, index = 0, more: Message = {}): Message {
  const words = transcript
    .split(' ')
    .filter(Boolean)
    .map((word) => ({ word, confidence: 0.9 }));
  const window = { audio_window_start: 0, audio_window_end: 0.8 };
  return {
    type: 'TurnInfo',
    event,
    turn_index: index,
    transcript,
    words,
    end_of_turn_confidence: 0.8,
    ...window,
    ...more,
  };
}

const final = { is_final: true, from_finalize: true };

describe('Messages of Nova', () => {
  it('passes over what it does not know', async () => {
    const unknown = [
      { type: 'Weather' },
      { type: 'Metadata' },
      { type: 'SpeechStarted' },
      { ...results('yes', final), extra: {} },
    ];
    const { stream, log } = await nova({ Finalize: unknown });
    stream.write(AUDIO);
    stream.flush();
    await log.flushed(1);
    expect(log.types).toEqual(['final', 'flushed']);
    expect(incidents).toEqual(['ignored_message']);
  });

  it('answers two flushes that are answered by one, each with its own words', async () => {
    const { stream, log } = await nova({ 'Finalize 2': [results('one two three four', final, 0, 2)] });
    for (let n = 0; n < 2; n++) {
      stream.write(AUDIO);
      stream.flush();
    }
    await log.flushed(2);
    expect(log.types).toEqual(['final', 'flushed', 'final', 'flushed']);
    expect(log.finals).toEqual(['one two', 'three four']);
  });

  it('takes the answer to a flush that ends a little before it, though more is being said', async () => {
    const { stream, log } = await nova({ Finalize: [results('yes', final, 0, 0.9), results('and', {}, 1, 1.2)] });
    stream.write(AUDIO);
    stream.flush();
    await log.flushed(1);
    expect(log.types).toEqual(['final', 'flushed']);
    expect(log.finals).toEqual(['yes']);
  });

  it.each<[string, Message | string]>([
    ['is no JSON', '{"type":'],
    ['is no object', '7'],
    ['has no type', { channel: {} }],
    ['has no alternative', { type: 'Results', start: 0, duration: 1, channel: { alternatives: [] } }],
    ['has no times', { ...results('yes'), start: 'now' }],
    ['has words that are none', { ...results('yes'), channel: { alternatives: [{ transcript: 'yes', words: {} }] } }],
    [
      'has a word that is null',
      { ...results('yes'), channel: { alternatives: [{ transcript: 'yes', words: [null] }] } },
    ],
  ])('fails at a message that %s', async (_, message) => {
    const { stream, log } = await nova({ audio: [message] });
    stream.write(AUDIO);
    await log.ended;
    expect(log.events).toMatchObject([{ type: 'error', error: { code: 'engine_protocol', retryable: true } }]);
    expect(() => stream.write(AUDIO)).toThrow(expect.objectContaining({ code: 'engine_closed' }));
  });

  it('fails when it is told so', async () => {
    const { stream, log } = await nova({ audio: [{ type: 'Error', description: 'of mine', variant: 'X' }] });
    stream.write(AUDIO);
    await log.ended;
    expect(log.events).toMatchObject([{ type: 'error', error: { code: 'engine_unavailable' } }]);
  });

  it('cuts a part in which a reset lies', async () => {
    const { stream, log } = await nova({ Finalize: [results('one two three four', final, 0, 2)] });
    stream.write(AUDIO);
    stream.reset();
    stream.write(AUDIO);
    stream.flush();
    await log.flushed(1);
    expect(log.finals).toEqual(['three four']);
  });

  it('counts what comes for what was reset', async () => {
    const { stream, log } = await nova({
      Finalize: [results('one two', { is_final: true }), results('', final, 1, 2)],
    });
    stream.write(AUDIO);
    stream.reset();
    stream.write(AUDIO);
    stream.flush();
    await log.flushed(1);
    expect(log.types).toEqual(['flushed']);
    expect(incidents).toEqual(['late']);
  });
});

describe('A stream', () => {
  it('fails when the network takes no audio for a minute of it', async () => {
    const emulator = await Emulator.start({ rejection: () => undefined, onSocket: (socket) => socket.pause() });
    const observe = (incident: ProviderIncident) => void incidents.push(incident);
    const { stream, log } = await listen(createDeepgram({ apiKey: 'key', baseUrl: emulator.wsUrl, observe }), emulator);
    const write = () => {
      for (let n = 0; n < 500; n++) stream.write(new Int16Array(5 * RATE));
    };
    expect(write).toThrow(expect.objectContaining({ code: 'engine_closed' }));
    await log.ended;
    expect(log.events).toMatchObject([{ type: 'error', error: { code: 'engine_unavailable', retryable: true } }]);
    expect(incidents).toEqual(['dropped_audio']);
  });

  it.each([
    [1008, 'DATA-0000: bad audio', { code: 'engine_input', retryable: false }],
    [1011, 'NET-0001: nothing came', { code: 'engine_unavailable', retryable: true }],
    [1006, '', { code: 'engine_unavailable', retryable: true }],
  ])('makes of a close with %d %s what it means, and quotes nothing', (code, reason, expected) => {
    const error = errorOfClose(code, reason);
    expect(error).toMatchObject(expected);
    expect(error.message).not.toMatch(/DATA|NET/);
  });
});

describe('Messages of Flux', () => {
  it.each<[string, Message]>([
    ['a warning that there is none', { type: 'Warning', code: 'FORCE_END_TURN_NO_ACTIVE_TURN' }],
    ['a Configure that failed', { type: 'ConfigureFailure' }],
  ])('answers a flush without a turn by %s', async (_, message) => {
    const { stream, log } = await flux({ ForceEndTurn: [message] });
    stream.write(AUDIO);
    stream.flush();
    await log.flushed(1);
    expect(log.types).toEqual(['flushed']);
  });

  it('waits for the end of a turn that is open though the Configure was answered before', async () => {
    const { stream, log } = await flux({
      audio: [turn('StartOfTurn', 'yes')],
      ForceEndTurn: [{ type: 'ConfigureSuccess' }],
      Configure: [turn('EndOfTurn', 'yes please', 0, { trigger: 'manual' })],
    });
    stream.write(AUDIO);
    await log.until('an interim', () => log.events.length > 0);
    stream.flush();
    await log.flushed(1);
    expect(log.types).toEqual(['final', 'flushed']);
    expect(log.finals).toEqual(['yes please']);
  });

  it('hears a turn once that ends twice, and what comes after its end not at all', async () => {
    const ended = turn('EndOfTurn', 'yes', 0, { trigger: 'model' });
    const { stream, log } = await flux({ audio: [turn('StartOfTurn', 'yes'), ended, ended, turn('Update', 'yes'), turn('Update', 'no', 1)] }); // prettier-ignore
    stream.write(AUDIO);
    await log.until('the next turn', () => log.events.some((event) => event.type === 'interim' && event.text === 'no'));
    expect(log.types).toEqual(['final', 'end_of_turn']);
    expect(incidents).toEqual(['late', 'late']);
  });

  it('passes over what it does not know, and takes an end whose trigger is new', async () => {
    const unknown = [{ type: 'Weather' }, { type: 'Warning', code: 'X' }, turn('Shouting', 'yes')];
    const { stream, log } = await flux({ audio: [...unknown, turn('EndOfTurn', 'yes', 0, { trigger: 'gesture' })] });
    stream.write(AUDIO);
    await log.until('the end', () => log.types.includes('end_of_turn'));
    expect(incidents).toEqual(['ignored_message', 'ignored_message', 'ignored_message']);
    const said = log.events.find((event) => event.type === 'final');
    expect(said).not.toHaveProperty('words');
    expect(said).toMatchObject({ confidence: 0.9, endMs: 800 });
  });

  it.each([
    ['INTERNAL_SERVER_ERROR', { code: 'engine_unavailable', retryable: true }],
    ['UNPARSABLE_CLIENT_MESSAGE', { code: 'engine_settings', retryable: false }],
  ])('fails at the error %s', async (code, error) => {
    const { stream, log } = await flux({ ForceEndTurn: [{ type: 'Error', code, description: 'of mine' }] });
    stream.write(AUDIO);
    stream.flush();
    await log.ended;
    expect(log.events).toMatchObject([{ type: 'error', error }]);
    expect(JSON.stringify((log.events[0] as { error: Error }).error.message)).not.toContain('of mine');
  });

  it('does not open without a greeting', async () => {
    const { emulator, options } = await start([], {});
    open.push({ close: () => emulator.stop() });
    const opening = createDeepgramFlux(options).open({ sessionId: 's', sampleRateHz: RATE, language: 'en' });
    await expect(opening).rejects.toMatchObject({ code: 'engine_timeout', retryable: true });
  });
});
