import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@parley/testing';
import { DOORS, FRAME, gateway, replyOf, startGateway, stopGateway } from '../../spec-support/gateway-and-callers.js';

beforeEach(startGateway);
afterEach(stopGateway);

describe.each(DOORS)('a session through %s', (door, open) => {
  it('opens with what the caller asked for', async () => {
    const caller = await open({ agent: 'barista', language: 'en', direction: 'outgoing', frameMs: '40' });
    const sessionId = await caller.sessionId();
    expect(caller.events[0]).toEqual({
      type: 'session_started',
      sessionId,
      agent: 'barista',
      mode: 'voice-to-voice',
      sampleRateHz: 16_000,
      frameMs: 40,
      resumeToken: expect.stringMatching(`^${sessionId}\\.[A-Za-z0-9_-]{32}$`),
      resumeWindowMs: 15_000,
    });
    expect(gateway.bus.events(sessionId, 'session.opened')[0]).toMatchObject({
      agent: 'barista',
      mode: 'voice-to-voice',
      language: 'en',
      direction: 'outgoing',
      inputSampleRateHz: 16_000,
      outputSampleRateHz: 16_000,
      outputFrameMs: 40,
      door: door === '/ws' ? 'ws' : 'socket.io',
      resumeKeyHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(JSON.stringify(gateway.bus.events(sessionId))).not.toContain((await caller.token()).split('.')[1]);
  });

  it('carries the caller’s voice and text to the bus, in order and numbered by samples', async () => {
    const caller = await open({});
    const sessionId = await caller.sessionId();
    caller.sendAudio(FRAME);
    caller.sendAudio(Buffer.alloc(3200, 2));
    caller.sendAudio(FRAME);
    caller.sendText('two lattes');
    const text = await eventually(() => gateway.bus.events(sessionId, 'session.text')[0], { what: 'session.text' });
    expect(text.text).toBe('two lattes');
    const frames = gateway.bus.frames(sessionId, 'in');
    expect(frames.map(({ pts, payload, reply }) => [pts, payload.byteLength, reply])).toEqual([
      [0, 640, 0],
      [320, 3200, 0],
      [1920, 640, 0],
    ]);
  });

  it('carries what the stages say and the agent’s voice to the caller', async () => {
    const caller = await open({});
    const sessionId = await caller.sessionId();
    const stt = await gateway.writer('stt', sessionId);
    const agent = await gateway.writer('agent', sessionId);
    const tts = await gateway.writer('tts', sessionId);
    await stt.publish('transcript.final', { utterance: 1, text: 'hello', endPts: 1, audioMs: 1, engine: 'x', transcriptionMs: 1 }); // prettier-ignore
    await agent.publish('reply.started', { reply: 1, turn: 1, userText: 'hello', answers: [] });
    agent.text(1, 'Good ');
    await caller.event('agent_chunk');
    tts.audio('out', replyOf(Buffer.alloc(1280, 7)));
    await agent.publish('reply.ended', { reply: 1, turn: 1, outcome: 'completed', sentences: 1, text: 'Good day.', durationMs: 1 }); // prettier-ignore
    expect(await caller.event('playout_ended')).toMatchObject({ reply: 1, outcome: 'completed' });
    expect(Buffer.concat(caller.audio).equals(Buffer.alloc(1280, 7))).toBe(true);
    expect(caller.audio.map(({ byteLength }) => byteLength)).toEqual([640, 640]);
    const said = caller.events.filter(({ type }) => !type.startsWith('playout'));
    expect(said.slice(1)).toEqual([
      { type: 'stt_output', transcript: 'hello', utterance: 1, id: 'transcript.stt.1.1' },
      { type: 'reply_started', reply: 1, turn: 1, id: 'reply.agent.1.1' },
      { type: 'agent_chunk', text: 'Good ', reply: 1 },
      { type: 'agent_chunk', text: 'day.', reply: 1 },
      { type: 'agent_end', reply: 1, turn: 1, outcome: 'completed', text: 'Good day.', id: 'reply.agent.1.2' },
    ]);
    const reports = await eventually(() => gateway.bus.events(sessionId, 'playout.ended'), { what: 'playout.ended' });
    expect(reports[0]).toMatchObject({ reply: 1, outcome: 'completed', sentence: 0, playedMs: 40, totalMs: 40 });
  });

  it('says goodbye and closes when the caller ends it', async () => {
    const caller = await open({});
    const sessionId = await caller.sessionId();
    caller.end();
    expect(await caller.event('session_ended')).toEqual({ type: 'session_ended', reason: 'caller_ended' });
    await caller.closed();
    expect(gateway.bus.events(sessionId, 'session.closed').map(({ reason }) => reason)).toEqual(['caller_ended']);
    expect(gateway.core.registry.size).toBe(0);
  });

  it('closes the session on the bus when the caller leaves', async () => {
    const caller = await open({});
    const sessionId = await caller.sessionId();
    caller.leave();
    const closed = await eventually(() => gateway.bus.events(sessionId, 'session.closed')[0], { what: 'closed' });
    expect(closed.reason).toBe('caller_left');
    await eventually(() => gateway.core.registry.size === 0, { what: 'empty registry' });
  });
});
