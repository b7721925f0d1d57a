import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  FRAME,
  gateway,
  kept,
  replyOf,
  socketIo,
  startGateway,
  stopGateway,
} from '../../spec-support/gateway-and-callers.js';
import { IoTestCaller } from '../../spec-support/test-callers.js';

beforeEach(startGateway);
afterEach(stopGateway);

describe('the door at socket.io', () => {
  it('answers session_not_started to voice and messages before the session', async () => {
    const caller = kept(await IoTestCaller.connect(gateway.port));
    caller.sendAudio(FRAME);
    await caller.error('session_not_started');
    expect(await caller.ask('message', { type: 'text', text: 'hi' })).toMatchObject({ ok: false, code: 'session_not_started' }); // prettier-ignore
    expect(await caller.ask('session:start', {})).toEqual({ ok: true, sessionId: await caller.sessionId() });
  });

  it('acknowledges voice and messages when asked to', async () => {
    const caller = await socketIo();
    const sessionId = await caller.sessionId();
    expect(await caller.ask('audio', FRAME)).toEqual({ ok: true });
    expect(await caller.ask('audio', Buffer.alloc(3))).toMatchObject({ ok: false, code: 'audio_odd_length' });
    expect(await caller.ask('audio', 'no bytes')).toMatchObject({ ok: false, code: 'invalid_message' });
    expect(await caller.ask('message', { type: 'text', text: 'hi' })).toEqual({ ok: true, sessionId });
  });

  it.each([
    ['invalid_json', 'not json'],
    ['invalid_json', 7],
    ['unknown_type', { type: 'dance' }],
    ['invalid_message', { type: 'text' }],
  ])('answers %s to %j', async (code, message) => {
    const caller = await socketIo();
    expect(await caller.ask('message', message)).toMatchObject({ ok: false, code });
    await caller.error(code);
    expect(caller.isClosed).toBe(false);
  });

  it('refuses a second session on one connection', async () => {
    const caller = await socketIo();
    await caller.sessionId();
    expect(await caller.ask('session:start', {})).toMatchObject({ ok: false, code: 'session_exists' });
  });

  it('lets a caller try again on the same connection after a refusal', async () => {
    const caller = kept(await IoTestCaller.connect(gateway.port));
    expect(await caller.ask('session:start', { mode: 'x' })).toMatchObject({ ok: false, code: 'invalid_message' });
    expect(await caller.ask('session:start', {})).toMatchObject({ ok: true });
  });

  it('takes the word of the caller’s speaker on where it is', async () => {
    const caller = await socketIo();
    await caller.sessionId();
    expect(await caller.ask('message', { type: 'played', reply: 1, sentence: 0, pts: 1920 })).toMatchObject({
      ok: true,
    });
    expect(await caller.ask('message', { type: 'played', reply: 1 })).toMatchObject({ ok: false });
    await caller.error('invalid_message');
  });

  it('says beside each frame where it belongs', async () => {
    const caller = await socketIo({ frameMs: 10 });
    const tts = await gateway.writer('tts', await caller.sessionId());
    tts.audio('out', replyOf(FRAME));
    await caller.event('playout_ended');
    expect(caller.infos).toEqual([
      { reply: 1, sentence: 0, pts: 0 },
      { reply: 1, sentence: 0, pts: 160 },
    ]);
  });
});
