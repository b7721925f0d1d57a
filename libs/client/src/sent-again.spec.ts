import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type Ack,
  ScriptedGateway,
  closeAll,
  connected,
  eventually,
  isState,
  ramp,
  whenResuming,
} from '../spec-support/scripted-gateway.js';

afterEach(closeAll);

describe('a client whose connection is lost', () => {
  it('sends its voice again from where the gateway has it, with what was said meanwhile, in order', async () => {
    const [one, two] = [await ScriptedGateway.start(), await ScriptedGateway.start()];
    two.receivedSamples = 400;
    const { client } = await connected([one, two]);
    for (let i = 0; i < 3; i++) client.sendAudio(ramp(i * 320, 320));
    await eventually(() => one.voice.length === 960, { what: 'voice' });
    const kept = whenResuming(client, () => client.sendAudio(ramp(960, 320)));
    one.drop();
    expect(await kept).toBe(true);
    await isState(client, 'open');
    client.sendAudio(ramp(1280, 320));
    await eventually(() => two.voice.length === 1200, { what: 'voice' });
    expect(two.voice).toEqual([...ramp(400, 1200)]);
    expect(client.counters.droppedFrames).toBe(0);
  });

  it('sends silence for what it does not keep any more, and counts it', async () => {
    const [one, two] = [await ScriptedGateway.start(), await ScriptedGateway.start()];
    const { client } = await connected([one, two], { resume: { bufferMs: 40 } });
    for (let i = 0; i < 4; i++) client.sendAudio(ramp(1 + i * 320, 320));
    one.drop();
    await eventually(() => two.voice.length === 1280, { what: 'voice' });
    expect(two.voice).toEqual([...Array<number>(640).fill(0), ...ramp(641, 640)]);
    expect(client.counters.lostVoiceSamples).toBe(640);
  });

  it('sends a text again that was not confirmed, with the same id, and resolves it once', async () => {
    const [one, two] = [await ScriptedGateway.start(), await ScriptedGateway.start()];
    one.takesTexts = false;
    const { client } = await connected([one, two], { ackTimeoutMs: 3000 });
    const sent = client.sendText('two lattes');
    await eventually(() => one.messages.length === 1, { what: 'text' });
    const meanwhile = whenResuming(client, () => client.sendText('and a tea'));
    one.drop();
    await Promise.all([sent, meanwhile]);
    expect(two.messages.map(({ text }) => text)).toEqual(['two lattes', 'and a tea']);
    expect(two.messages[0]).toEqual(one.messages[0]);
    expect(two.messages[0]?.id).not.toBe(two.messages[1]?.id);
  });

  it('keeps a text for the next gateway that the one before was too late to take', async () => {
    const [one, two] = [await ScriptedGateway.start(), await ScriptedGateway.start()];
    const { client } = await connected([one, two]);
    one.socket?.removeAllListeners('message');
    one.socket?.on('message', (_: unknown, ack: Ack) => {
      ack({ ok: false, code: 'gateway_draining', message: 'later' });
      one.tell({ type: 'session_moved', reason: 'gateway_draining' });
    });
    await client.sendText('hello');
    expect(two.messages.map(({ text }) => text)).toEqual(['hello']);
  });

  it('tells no event twice, and each sample of the agent once', async () => {
    const [one, two] = [await ScriptedGateway.start(), await ScriptedGateway.start()];
    const { client } = await connected([one, two]);
    const [events, samples]: [string[], number[]] = [[], []];
    client.on('event', (event) => 'id' in event && events.push(event.id as string));
    client.on('audio', ({ pcm }) => samples.push(...pcm));
    one.tell({ type: 'turn_ended', turn: 1, transcript: '', eouDelayMs: 1, id: 'transcript.stt.1.4' });
    one.say(1, 0, 0, 1, 2, 3);
    await eventually(() => samples.length === 4, { what: 'voice' });
    one.drop();
    await eventually(() => client.counters.resumes === 1, { what: 'resume' });
    for (const seq of [3, 4, 5]) two.tell({ type: 'speech_started', utterance: 1, id: `transcript.stt.1.${seq}` });
    two.say(1, 2, 2, 3, 4, 5);
    two.say(1, 0, 0, 1);
    await eventually(() => samples.length === 6 && events.length === 2, { what: 'the rest' });
    two.say(1, 6, 6);
    await eventually(() => samples.length === 7, { what: 'the end' });
    expect(samples).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(events).toEqual(['transcript.stt.1.4', 'transcript.stt.1.5']);
    expect(client.counters).toMatchObject({ duplicateEvents: 2, duplicateSamples: 4 });
  });
});
