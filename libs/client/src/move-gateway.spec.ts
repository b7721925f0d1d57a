import { afterEach, describe, expect, it } from '@jest/globals';
import { ScriptedGateway, closeAll, connected, eventually, isState } from '../spec-support/scripted-gateway.js';

afterEach(closeAll);

describe('a client whose connection is lost', () => {
  it('moves to another gateway when it is told to', async () => {
    const [one, two] = [await ScriptedGateway.start(), await ScriptedGateway.start()];
    const { client, states } = await connected([one, two]);
    await eventually(() => states.includes('open'), { what: 'open' });
    one.tell({ type: 'session_moved', reason: 'gateway_draining' });
    client.sendAudio(new Int16Array(320));
    await eventually(() => client.counters.resumes === 1, { what: 'resume' });
    expect(states).not.toContain('resuming');
    await eventually(() => one.socket?.connected === false, { what: 'end of the old connection' });
    await client.sendText('hello');
    expect([one.messages.length, two.messages.length]).toEqual([0, 1]);
  });

  it('stays where it is while no gateway takes it, and resumes when it is cut off then', async () => {
    const [one, two] = [await ScriptedGateway.start(), await ScriptedGateway.start()];
    const { client, states } = await connected([one, two]);
    await two.vanish();
    one.tell({ type: 'session_moved', reason: 'gateway_draining' });
    await client.sendText('still here');
    expect(one.messages.map(({ text }) => text)).toEqual(['still here']);
    expect(states).not.toContain('resuming');
    await one.vanish();
    await isState(client, 'resuming');
    client.close();
  });
});
