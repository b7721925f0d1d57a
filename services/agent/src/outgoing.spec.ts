import { afterEach, describe, expect, it } from '@jest/globals';
import { said } from '../spec-support/agent-call.js';
import { GREETING, MACHINE, answeredBy, played, startDialling } from '../spec-support/outgoing-calls.js';
import { closeStages } from '../spec-support/started-stages.js';

afterEach(closeStages);

describe('a person who is called', () => {
  it('speaks first, and hears the greeting as the answer to a hello', async () => {
    const { stage, first, pass, dial } = await startDialling();
    const call = await dial();
    await pass(2000);
    expect(call.events('reply.started')).toEqual([]);
    const id = await call.says('Hello?');
    await call.until('reply.ended');
    expect(call.events('reply.started')).toMatchObject([
      { reply: 1, turn: 1, userText: 'Hello?', answers: [id], occasion: 'greeting', script: GREETING },
    ]);
    expect(answeredBy(call)).toEqual(['person']);
    expect(await first.counted('parley_agent_calls_answered_total{kind="person"')).toBe(1);
    await played(call, 1);
    await call.says('Ok.');
    await call.until('reply.ended', { reply: 2 });
    expect(stage.sent.at(-1)).toEqual(['human: Hello?', `ai: ${GREETING}`, 'human: Ok.']);
  });

  it('is answered by the model after more than a hello, and is not greeted any more', async () => {
    const { pass, dial } = await startDialling();
    const call = await dial();
    await call.says('I have told you people not to call me.');
    await call.until('reply.ended');
    await played(call, 1);
    await pass(20_000);
    expect(said(call)).toEqual(['I have told you people not to call me.']);
    expect(answeredBy(call)).toEqual(['person']);
  });

  it('is greeted after a while of silence, and then answered by the model', async () => {
    const { pass, dial } = await startDialling();
    const call = await dial();
    await pass(2400);
    expect(said(call)).toEqual([]);
    await pass(100);
    expect(said(call)).toEqual([GREETING]);
    expect(answeredBy(call)).toEqual([]);
    await played(call, 1);
    await call.says('Hello?');
    await call.until('reply.ended', { reply: 2 });
    expect(said(call)).toEqual([GREETING, 'Hello?']);
    expect(answeredBy(call)).toEqual(['person']);
  });

  it('is not greeted while it speaks, and is when it has made a mere noise', async () => {
    const { pass, dial } = await startDialling();
    const call = await dial();
    await call.speech('speech.started');
    await pass(5000);
    await call.speech('speech.stopped');
    await pass(2900);
    expect(said(call)).toEqual([]);
    await pass(200);
    expect(said(call)).toEqual([GREETING]);
  });

  it('may write or press a key', async () => {
    const { dial } = await startDialling();
    const call = await dial();
    await call.writes('Please leave a message.');
    await call.until('reply.ended');
    expect(answeredBy(call)).toEqual(['person']);
    const other = await dial();
    await other.gateway('session.dtmf', { digits: '1#' });
    await other.until('session.answered');
    expect(answeredBy(other)).toEqual(['person']);
  });

  it('who calls is greeted at once', async () => {
    const { stage } = await startDialling();
    const call = await stage.call({ mode: 'voice-to-voice' });
    await call.until('reply.ended');
    expect(said(call)).toEqual([GREETING]);
    await call.says(MACHINE);
    await call.until('reply.interrupted');
    expect(answeredBy(call)).toEqual([]);
  });
});

describe('nobody who answers', () => {
  it('is said goodbye to some time after the greeting, and hung up on', async () => {
    const { first, pass, dial } = await startDialling();
    const call = await dial();
    await pass(2500);
    await pass(1000);
    await played(call, 1);
    await pass(9900);
    expect(said(call)).toEqual([GREETING]);
    await pass(100);
    expect(said(call)).toEqual([GREETING, 'Good bye.']);
    expect(answeredBy(call)).toEqual(['nobody']);
    expect(call.events('reply.ended').at(-1)).toMatchObject({ hangUp: true, endReason: 'no_answer' });
    expect(await first.counted('parley_agent_calls_answered_total{kind="nobody"')).toBe(1);
    await played(call, 2);
    await pass(60_000);
    expect(said(call)).toHaveLength(2);
  });

  it('is hung up on without a word where the agent has none', async () => {
    const { pass, dial } = await startDialling({ greeting: undefined, goodbye: undefined });
    const call = await dial();
    await pass(12_400);
    expect(said(call)).toEqual([]);
    await pass(100);
    expect(call.events('reply.ended')).toMatchObject([{ sentences: 0, hangUp: true, endReason: 'no_answer' }]);
  });

  it('is somebody after all who speaks over the goodbye', async () => {
    const { pass, dial } = await startDialling({ greeting: undefined });
    const call = await dial();
    await pass(12_500);
    await call.says('Hello, hello, I am here.');
    await call.until('reply.ended', { reply: 2 });
    await played(call, 1);
    await played(call, 2);
    await pass(60_000);
    expect(said(call)).toEqual(['Good bye.', 'Hello, hello, I am here.']);
    expect(answeredBy(call)).toEqual(['nobody']);
  });

  it('is waited for once more when a noise has cut the goodbye off', async () => {
    const { pass, dial } = await startDialling({ greeting: undefined });
    const call = await dial();
    await pass(12_500);
    await call.speaks();
    await pass(800);
    await call.until('reply.interrupted', { reply: 1 });
    await call.sounds(900, '');
    await pass(12_000);
    expect(said(call)).toEqual(['Good bye.', 'Good bye.']);
    expect(answeredBy(call)).toEqual(['nobody']);
  });
});
