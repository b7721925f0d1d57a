import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ContractError } from './contract-error.js';
import { decodeEvent, encodeEvent, isEvent, kindOf, payloadSchemas, type EventOf, type EventType } from './events.js';
import { EVENT_KINDS } from './subjects.js';

const EVENT: EventOf<'speech.stopped'> = {
  id: 'speech.stt.2.5',
  type: 'speech.stopped',
  sessionId: 's1',
  seq: 5,
  epoch: 2,
  stage: 'stt',
  at: 1_700_000_000_000,
  utterance: 1,
  pts: 32_000,
  durationMs: 812.5,
};
const bytesOf = (value: unknown) => Buffer.from(JSON.stringify(value));

describe('events', () => {
  it('are written as the JSON of the contract', () => {
    expect(Buffer.from(encodeEvent(EVENT)).toString()).toBe(
      '{"id":"speech.stt.2.5","type":"speech.stopped","sessionId":"s1","seq":5,"epoch":2,"stage":"stt",' +
        '"at":1700000000000,"utterance":1,"pts":32000,"durationMs":812.5}',
    );
  });

  it('are read back as they were written', () => {
    const read = decodeEvent(encodeEvent(EVENT));
    expect(read).toEqual(EVENT);
    expect(read && isEvent(read, 'speech.stopped') && read.durationMs).toBe(812.5);
  });

  it('of an unknown type are passed over', () => {
    expect(decodeEvent(bytesOf({ ...EVENT, type: 'speech.whispered' }))).toBeUndefined();
    expect(decodeEvent(bytesOf({ type: 'constructor' }))).toBeUndefined();
  });

  it('lose the fields that this build does not know', () => {
    const read = decodeEvent(bytesOf({ ...EVENT, loudness: 3, __proto__: { x: 1 } }));
    expect(read).toEqual(EVENT);
  });

  it.each([
    [{ ...EVENT, utterance: 0 }, /^speech\.stopped: utterance: /],
    [{ ...EVENT, durationMs: '812' }, /^speech\.stopped: durationMs: /],
    [{ ...EVENT, sessionId: 'a.*' }, /^speech\.stopped: sessionId: not a session id$/],
    [{ ...EVENT, epoch: 0, seq: 1.5 }, /^speech\.stopped: (?=.*epoch: )(?=.*seq: )/],
    [{ ...EVENT, stage: 'cook' }, /^speech\.stopped: stage: /],
    [{ ...EVENT, pts: undefined }, /^speech\.stopped: pts: /],
  ])('with a bad field are refused by name: %#', (event, text) => {
    expect(() => decodeEvent(bytesOf(event))).toThrow(
      expect.objectContaining({ code: 'invalid_event', message: expect.stringMatching(text) }),
    );
  });

  it('with bad text are refused without repeating it', () => {
    const event = { ...EVENT, type: 'session.text', text: { said: 'my card number' } };
    expect(() => decodeEvent(bytesOf(event))).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('card') }),
    );
  });

  it.each(['', '{', '[]', 'null', '5', '"x"', '{}', '{"type":5}', '\u0000'])('are not %j', (text) => {
    expect(() => decodeEvent(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'invalid_event' }));
  });

  it('are never read from broken UTF-8', () => {
    const bytes = Buffer.from(encodeEvent({ ...EVENT, id: 'x?' } as typeof EVENT));
    bytes[bytes.indexOf('?')] = 0xff;
    expect(() => decodeEvent(bytes)).toThrow(expect.objectContaining({ code: 'invalid_event' }));
  });

  it('are read, passed over or refused, whatever the bytes', () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => Buffer.from(text)),
      fc.record({ type: fc.constantFrom(...Object.keys(payloadSchemas)), seq: fc.anything() }).map((value) => {
        try {
          return bytesOf(value);
        } catch {
          return Buffer.alloc(0);
        }
      }),
    );
    fc.assert(
      fc.property(hostile, (bytes) => {
        try {
          decodeEvent(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(ContractError);
        }
      }),
    );
  });

  it('all have a kind, tools with the reply and ends of turns with the transcript', () => {
    const kinds = (Object.keys(payloadSchemas) as EventType[]).map(kindOf);
    expect(new Set(kinds)).toEqual(new Set([...EVENT_KINDS, 'text']));
    expect([kindOf('tool.called'), kindOf('turn.ended'), kindOf('text.delta')]).toEqual([
      'reply',
      'transcript',
      'text',
    ]);
  });
});
