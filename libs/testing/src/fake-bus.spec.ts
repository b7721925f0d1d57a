import { describe, expect, it } from '@jest/globals';
import type { AudioFrame, ParleyEvent } from '@parley/contracts';
import type { ClaimLease } from '@parley/bus';
import { FakeBus } from './fake-bus.js';

const FRAME = { codec: 'pcm_s16le', sampleRateHz: 16_000, reply: 0, sentence: 0, pts: 0, lastOfSentence: false, lastOfReply: false, payload: new Uint8Array(4) } as const; // prettier-ignore

describe('FakeBus', () => {
  it('replays events before frames, then delivers what comes live, in order', async () => {
    const bus = new FakeBus();
    const writer = bus.writer({ stage: 'gateway', sessionId: 's1', epoch: 1 });
    writer.audio('in', FRAME);
    await writer.publish('session.text', { text: 'one' });
    const seen: string[] = [];
    await bus.as('stt-1').feed({
      sessionId: 's1',
      kinds: ['session'],
      audio: 'in',
      onEvent: (event, { replayed }) => seen.push(`${event.id} ${replayed}`),
      onFrame: ({ seq }) => seen.push(`frame ${seq}`),
    });
    expect(seen).toEqual(['session.gateway.1.1 true', 'frame 1']);
    writer.audio('in', FRAME);
    await writer.publish('session.text', { text: 'two' });
    await bus.settled();
    expect(seen.slice(2)).toEqual(['frame 2', 'session.gateway.1.2 false']);
  });

  it('delivers only what a feed asks for, of its own session', async () => {
    const bus = new FakeBus();
    const events: ParleyEvent[] = [];
    const frames: AudioFrame[] = [];
    await bus.feed({ sessionId: 's1', kinds: ['speech'], audio: 'out', onEvent: (e) => events.push(e), onFrame: (f) => frames.push(f) }); // prettier-ignore
    const writer = bus.writer({ stage: 'stt', sessionId: 's1', epoch: 1 });
    await writer.publish('transcript.interim', { utterance: 1, text: 'x', stableChars: 0 });
    writer.text(1, 'x');
    writer.audio('in', FRAME);
    await bus.writer({ stage: 'stt', sessionId: 's2', epoch: 1 }).publish('speech.started', { utterance: 1, pts: 0 });
    await bus.settled();
    expect([...events, ...frames]).toEqual([]);
    await writer.publish('speech.started', { utterance: 1, pts: 0 });
    await bus.settled();
    expect(events.map(({ type }) => type)).toEqual(['speech.started']);
  });

  it("drops what a superseded owner still writes once the new owner's claim is seen", async () => {
    const bus = new FakeBus();
    expect(await bus.acquire('agent', 's1')).toBe(1);
    expect(await bus.as('agent-2').acquire('agent', 's1')).toBe(2);
    expect(await bus.isOwner('agent', 's1', 1)).toBe(false);
    const [stale, fresh] = [1, 2].map((epoch) => bus.writer({ stage: 'agent', sessionId: 's1', epoch }));
    const seen: number[] = [];
    await bus.feed({ sessionId: 's1', kinds: ['reply'], onEvent: ({ epoch }) => seen.push(epoch) });
    const started = { reply: 1, turn: 1, userText: 'hi', answers: [] };
    await stale?.publish('reply.started', started);
    await fresh?.publish('stage.claimed', { replica: 'agent-2', deliveries: 2 });
    await stale?.publish('reply.started', started);
    await fresh?.publish('reply.started', started);
    await bus.settled();
    expect(seen).toEqual([1, 2]);
  });

  it('refuses an event that a real reader would refuse', async () => {
    const writer = new FakeBus().writer({ stage: 'stt', sessionId: 's1', epoch: 1 });
    await expect(writer.publish('speech.started', { utterance: 0, pts: 0 })).rejects.toMatchObject({
      code: 'invalid_event',
    });
  });

  it('refuses writes after close and while disconnected', async () => {
    const bus = new FakeBus();
    const writer = bus.writer({ stage: 'stt', sessionId: 's1', epoch: 1 });
    bus.connected = false;
    await expect(writer.publish('speech.started', { utterance: 1, pts: 0 })).rejects.toMatchObject({
      code: 'publish_failed',
    });
    await expect(bus.ping()).rejects.toMatchObject({ code: 'unavailable' });
    await writer.close();
    expect(() => writer.audio('in', FRAME)).toThrow(expect.objectContaining({ code: 'writer_closed' }));
  });

  it('hands a session to a replica with room, and to another one when it is handed back or lost', async () => {
    const bus = new FakeBus();
    await bus.offer('stt', 's1');
    await bus.offer('stt', 's1');
    const log: string[] = [];
    const leases: ClaimLease[] = [];
    const join = (name: string, room: number) =>
      bus.as(name).claims('stt', {
        free: () => room,
        onClaim: (lease) => {
          leases.push(lease);
          log.push(`${name} ${lease.claim.sessionId} ${lease.deliveries}`);
        },
        onLost: () => log.push(`${name} lost`),
      });
    await join('full', 0);
    const worker = await join('a', 1);
    await bus.settled();
    expect(log).toEqual(['a s1 1']);
    bus.expire('stt', 's1');
    await bus.settled();
    expect(log.slice(1)).toEqual(['a lost', 'a s1 2']);
    await worker.close();
    await join('b', 1);
    leases.at(-1)?.handBack();
    await bus.settled();
    expect(log.at(-1)).toBe('b s1 3');
    await leases[0]?.done();
    expect(bus.offered('stt')).toEqual(['s1']);
    await leases.at(-1)?.done();
    expect(bus.offered('stt')).toEqual([]);
  });

  it('says when a stage gets its first replica and loses its last', async () => {
    const bus = new FakeBus();
    const changes: string[] = [];
    bus.presence.onChange((stage, alive) => changes.push(`${stage} ${alive}`));
    let state: 'running' | 'draining' = 'running';
    const beat = () => ({ stage: 'tts' as const, state, sessions: 0, capacity: 10 });
    const stopFirst = bus.as('tts-1').announce(beat);
    bus.as('tts-2').announce(beat);
    stopFirst();
    expect(bus.presence.live('tts').map(({ replica }) => replica)).toEqual(['tts-2']);
    expect(changes).toEqual(['tts true']);
    state = 'draining';
    await bus.settled();
    expect(changes).toEqual(['tts true', 'tts false']);
  });
});
