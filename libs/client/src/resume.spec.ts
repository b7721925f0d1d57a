import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ScriptedGateway,
  TOKEN,
  closeAll,
  connected,
  eventually,
  isState,
  ramp,
  whenResuming,
} from '../spec-support/scripted-gateway.js';

afterEach(closeAll);

describe('a client whose connection is lost', () => {
  it('resumes at the next gateway and says what it knows', async () => {
    const [one, two] = [await ScriptedGateway.start(), await ScriptedGateway.start()];
    const { client, states } = await connected([one, two]);
    expect(one.requests).toEqual([{ resumable: true }]);
    client.sendAudio(ramp(0, 320));
    one.tell({ type: 'reply_started', reply: 1, turn: 1, id: 'reply.agent.2.1' });
    one.say(1, 0, 1, 2, 3);
    const heard = new Promise((resolve) => client.on('audio', resolve));
    await eventually(() => one.audio.length === 1, { what: 'audio' });
    await heard;
    one.drop();
    await eventually(() => client.counters.resumes === 1, { what: 'resume' });
    expect(two.requests).toEqual([
      { resume: 's1.secret', seen: 'reply.agent:2.1', received: '1.0.3', sent: 320, kept: 0 },
    ]);
    expect(states.filter((state) => state !== 'connecting')).toEqual(['open', 'resuming', 'open']);
  });

  it('goes on to a gateway that takes it when others refuse for now or do not answer', async () => {
    const gateways = [await ScriptedGateway.start(), await ScriptedGateway.start(), await ScriptedGateway.start()];
    const [one, two, three] = gateways as [ScriptedGateway, ScriptedGateway, ScriptedGateway];
    two.refuse = 'capacity_exceeded';
    const { client } = await connected(gateways);
    const errors: string[] = [];
    client.on('error', ({ code }) => errors.push(code));
    one.drop();
    await eventually(() => client.counters.resumes === 1, { what: 'resume' });
    expect(three.requests).toHaveLength(1);
    await three.vanish();
    await eventually(() => client.counters.resumes === 2, { what: 'second resume' });
    expect(one.requests).toHaveLength(2);
    expect(errors).toEqual([]);
  });

  it('goes back for its session when an attempt that it gave up has taken it elsewhere', async () => {
    const [one, two, three] = [
      await ScriptedGateway.start(),
      await ScriptedGateway.start(),
      await ScriptedGateway.start(),
    ];
    const { client, states } = await connected([one, two, three]);
    two.refuse = 'bus_unavailable';
    one.drop();
    await eventually(() => three.requests.length === 1 && client.state.name === 'open', { what: 'resumption' });
    three.tell({ type: 'session_ended', reason: 'resumed_elsewhere' });
    await eventually(() => one.requests.length === 2 && client.state.name === 'open', { what: 'next resumption' });
    expect(states.slice(-4)).toEqual(['resuming', 'open', 'resuming', 'open']);
  });

  it('closes when somebody else has resumed its session', async () => {
    const [one, two] = [await ScriptedGateway.start(), await ScriptedGateway.start()];
    const { client } = await connected([one, two]);
    one.tell({ type: 'session_ended', reason: 'resumed_elsewhere' });
    await isState(client, 'closed');
    expect(two.requests).toEqual([]);
  });

  it('closes with resume_refused when the gateway does not know the session', async () => {
    const [one, two] = [await ScriptedGateway.start(), await ScriptedGateway.start()];
    two.refuse = 'resume_refused';
    const { client } = await connected([one, two]);
    one.drop();
    await isState(client, 'closed');
    expect(client.state).toMatchObject({
      reason: 'resume_refused',
      error: { code: 'resume_refused', retryable: false },
    });
  });

  it('closes with resume_expired when no gateway takes it in time, and rejects what waits', async () => {
    const one = await ScriptedGateway.start({ ...TOKEN, resumeWindowMs: 300 });
    const { client } = await connected([one]);
    one.takesTexts = false;
    const text = client.sendText('hello').catch((error: unknown) => error);
    await one.vanish();
    await isState(client, 'closed');
    expect(client.state).toMatchObject({ reason: 'resume_expired', error: { code: 'resume_expired' } });
    expect(await text).toMatchObject({ code: 'resume_expired' });
    expect(client.sendAudio(ramp(0, 320))).toBe(false);
  });

  it('does not resume when it was told not to', async () => {
    const one = await ScriptedGateway.start();
    const { client } = await connected([one], { resume: false });
    expect(one.requests).toEqual([{}]);
    one.drop();
    await isState(client, 'closed');
    expect(client.state).toMatchObject({ reason: 'connection_lost' });
  });

  it('hangs up as soon as it has resumed when it was told to meanwhile', async () => {
    const [one, two] = [await ScriptedGateway.start(), await ScriptedGateway.start()];
    const { client } = await connected([one, two]);
    const ended = whenResuming(client, () => client.end());
    one.drop();
    await eventually(() => two.messages.some(({ type }) => type === 'end'), { what: 'end' });
    two.tell({ type: 'session_ended', reason: 'caller_ended' });
    await ended;
    expect(client.state).toEqual({ name: 'closed', reason: 'caller_ended' });
  });

  it('stops resuming when it is closed', async () => {
    const one = await ScriptedGateway.start();
    const { client } = await connected([one]);
    await one.vanish();
    await isState(client, 'resuming');
    client.close();
    expect(client.state).toEqual({ name: 'closed', reason: 'closed_by_client' });
    await client.end();
  });
});

describe('a client with several gateways', () => {
  it('opens at the first that takes the session', async () => {
    const [one, two] = [await ScriptedGateway.start(), await ScriptedGateway.start()];
    one.refuse = 'capacity_exceeded';
    const { client } = await connected([one, two]);
    expect(client.state.name).toBe('open');
    expect(two.requests).toHaveLength(1);
  });
});
