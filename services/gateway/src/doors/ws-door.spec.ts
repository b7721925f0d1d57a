import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@parley/testing';
import { WebSocket } from 'ws';
import { gateway, restart, startGateway, stopGateway, ws } from '../../spec-support/gateway-and-callers.js';

beforeEach(startGateway);
afterEach(stopGateway);

describe('the door at /ws', () => {
  it.each([
    ['invalid_json', 'text that is not JSON', 'two lattes'],
    ['invalid_json', 'JSON that is no object', '[1]'],
    ['unknown_type', 'an unknown type', '{"type":"dance"}'],
    ['unknown_type', 'no type', '{}'],
    ['invalid_message', 'a text without text', '{"type":"text","text":" "}'],
    ['message_too_large', 'more than 64 KiB of it', `{"type":"text","text":"${'a'.repeat(70_000)}"}`],
  ])('answers %s to %s and goes on', async (code, _, text) => {
    const caller = await ws();
    const sessionId = await caller.sessionId();
    caller.socket.send(text);
    await caller.error(code);
    caller.sendText('go on');
    await eventually(() => gateway.bus.events(sessionId, 'session.text')[0], { what: 'session.text' });
  });

  it('keeps up to a second of voice that comes before the session has begun, and refuses what is over', async () => {
    const acquire = gateway.bus.acquire.bind(gateway.bus);
    let letGo = () => {};
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    gateway.bus.acquire = async (...args) => {
      await gate;
      return acquire(...args);
    };
    const caller = await ws();
    for (let i = 0; i < 12; i++) caller.sendAudio(Buffer.alloc(3200, i));
    caller.sendText('early');
    await caller.error('session_not_started');
    expect(caller.errors()).toEqual(['session_not_started']);
    letGo();
    const sessionId = await caller.sessionId();
    await eventually(() => gateway.bus.events(sessionId, 'session.text')[0], { what: 'the early text' });
    expect(gateway.bus.frames(sessionId, 'in').map(({ payload }) => payload[0])).toEqual([...Array(10).keys()]);
    expect(await gateway.metric('parley_gateway_caller_frames_dropped_total{reason="session_not_started"')).toBe(2);
  });

  it('closes with 1009 when a message is beyond every limit', async () => {
    const [caller, other] = [await ws(), await ws()];
    await caller.sessionId();
    await other.sessionId();
    caller.sendAudio(Buffer.alloc(2_000_000));
    await caller.closed();
    expect(caller.closeCode).toBe(1009);
    await eventually(() => gateway.core.registry.suspended === 1, { what: 'suspended session' });
    expect(other.isClosed).toBe(false);
  });

  it('closes with 1013 when it is full', async () => {
    await restart({ GATEWAY_MAX_SESSIONS: '1' });
    await (await ws()).sessionId();
    const refused = await ws();
    await refused.closed();
    expect(refused.closeCode).toBe(1013);
  });

  it('leaves other paths alone: 404', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/other`);
    const status = await new Promise((resolve) => socket.once('unexpected-response', (_, { statusCode }) => resolve(statusCode))); // prettier-ignore
    expect(status).toBe(404);
  });
});
