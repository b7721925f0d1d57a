import { afterEach, describe, expect, it } from '@jest/globals';
import { said } from '../spec-support/agent-call.js';
import type { AgentSettings } from '../spec-support/agent-replica.js';
import { closeStages, startTimedStage } from '../spec-support/started-stages.js';

afterEach(closeStages);

const IDLE: AgentSettings = { idle: { afterMs: 5000, prompts: ['Hello?', 'Anybody?'], goodbye: 'Good bye.' } };

describe('a caller who says nothing', () => {
  it('is prompted, and then the agent says goodbye and hangs up', async () => {
    const { stage, pass } = await startTimedStage(IDLE);
    const call = await stage.call();
    await pass(4900);
    expect(said(call)).toEqual([]);
    await pass(100);
    expect(said(call)).toEqual(['Hello?']);
    await pass(10_000);
    expect(said(call)).toEqual(['Hello?', 'Anybody?', 'Good bye.']);
    expect(call.events('reply.started').map(({ occasion }) => occasion)).toEqual(['idle', 'idle', 'goodbye']);
    expect(call.events('reply.ended').map(({ hangUp, endReason }) => [hangUp, endReason])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
      [true, 'agent_ended'],
    ]);
    await pass(60_000);
    expect(said(call)).toHaveLength(3);
  });

  it('is prompted from the first again once it has said something', async () => {
    const { stage, pass } = await startTimedStage(IDLE);
    const call = await stage.call();
    await pass(5000);
    await call.writes('Wait.');
    await call.until('reply.ended', { reply: 2 });
    await pass(5000);
    expect(said(call)).toEqual(['Hello?', 'Wait.', 'Hello?']);
  });

  it('is given its time while it speaks, or a reply is played', async () => {
    const { stage, pass } = await startTimedStage(IDLE);
    const call = await stage.call({ mode: 'voice-to-voice' });
    await pass(4000);
    await call.speech('speech.started');
    await pass(20_000);
    await call.speech('speech.stopped');
    await call.says('Hm.');
    await call.until('reply.ended');
    await pass(20_000);
    expect(said(call)).toEqual(['Hm.']);
    await call.playedOut(1, { outcome: 'completed', sentence: 0, playedMs: 500, sentenceMs: 500 });
    await pass(5000);
    expect(said(call)).toEqual(['Hm.', 'Hello?']);
  });

  it('is not spoken to while its connection is lost', async () => {
    const { stage, pass } = await startTimedStage(IDLE);
    const call = await stage.call();
    await call.gateway('session.suspended', { replica: 'gateway-1' });
    await pass(20_000);
    expect(said(call)).toEqual([]);
    await call.gateway('session.resumed', { replica: 'gateway-2' });
    await pass(5000);
    expect(said(call)).toEqual(['Hello?']);
  });

  it('is not hung up on when the goodbye brings it back', async () => {
    const { stage, pass } = await startTimedStage(IDLE);
    const call = await stage.call({ mode: 'voice-to-voice' });
    for (const reply of [1, 2]) {
      await pass(5000);
      await call.playedOut(reply, { outcome: 'completed', sentence: 0, playedMs: 500, sentenceMs: 500 });
    }
    await pass(5000);
    await call.begins('no');
    await call.until('reply.interrupted', { reply: 3 });
    await call.says('No, wait.');
    await call.until('reply.ended', { reply: 4 });
    await call.playedOut(4, { outcome: 'completed', sentence: 0, playedMs: 500, sentenceMs: 500 });
    await pass(5000);
    expect(said(call)).toEqual(['Hello?', 'Anybody?', 'Good bye.', 'No, wait.', 'Hello?']);
  });

  it('hears the next prompt from an owner that takes over, when it is due', async () => {
    const { stage, first, pass } = await startTimedStage(IDLE);
    const call = await stage.call();
    await pass(5000);
    await pass(3000);
    await stage.join();
    stage.kill(first, call.sessionId);
    await pass(1900);
    expect(said(call)).toEqual(['Hello?']);
    await pass(100);
    expect(said(call)).toEqual(['Hello?', 'Anybody?']);
    expect(call.events('reply.ended').at(-1)?.epoch).toBe(2);
  });
});

describe('a session with a longest duration', () => {
  const agent: AgentSettings = {
    maxDurationMs: 60_000,
    warning: { text: 'One minute is nearly over.', beforeMs: 20_000 },
    goodbye: 'Time is up.',
  };

  it('is warned of it at a pause, and ends with a goodbye', async () => {
    const { stage, pass } = await startTimedStage(agent);
    const call = await stage.call();
    await pass(39_500);
    await call.writes('Hm.');
    await pass(1900);
    expect(said(call)).toEqual(['Hm.']);
    await pass(100);
    expect(said(call)).toEqual(['Hm.', 'One minute is nearly over.']);
    await pass(18_500);
    expect(said(call)).toEqual(['Hm.', 'One minute is nearly over.', 'Time is up.']);
    expect(call.events('reply.ended').at(-1)).toMatchObject({ hangUp: true, endReason: 'session_too_long' });
    expect(call.events('reply.started').map(({ occasion }) => occasion)).toEqual([undefined, 'warning', 'goodbye']);
  });

  it('ends some seconds later when there is no pause', async () => {
    const { stage, pass } = await startTimedStage({ maxDurationMs: 60_000, goodbye: 'Time is up.' });
    const call = await stage.call({ mode: 'voice-to-voice' });
    await call.says('Talk.');
    await call.until('reply.ended');
    await pass(69_000);
    expect(said(call)).toEqual(['Talk.']);
    await pass(1000);
    expect(call.events('reply.interrupted')).toMatchObject([{ reply: 1, cause: 'session_too_long' }]);
    expect(said(call)).toEqual(['Talk.', 'Time is up.']);
    expect(call.events('reply.sentence').at(-1)).toMatchObject({ interruptible: false });
  });

  it('ends without a word when the agent has none', async () => {
    const { stage, pass } = await startTimedStage({ maxDurationMs: 60_000 });
    const call = await stage.call();
    await pass(60_000);
    expect(call.events('reply.ended')).toMatchObject([{ sentences: 0, hangUp: true, endReason: 'session_too_long' }]);
  });

  it('that has a goodbye half written is ended by the next owner, for the same reason', async () => {
    const { stage, first, pass } = await startTimedStage({ maxDurationMs: 60_000, goodbye: 'Time is up. Good bye.' });
    const call = await stage.call();
    await stage.join();
    stage.killOn(first, ({ type }) => type === 'reply.sentence');
    await pass(60_000);
    expect(call.events('reply.ended')).toMatchObject([
      { epoch: 2, text: 'Time is up. Good bye.', hangUp: true, endReason: 'session_too_long' },
    ]);
    expect(call.events('reply.sentence')).toHaveLength(2);
  });
});

describe('an agent that can hang up', () => {
  it('does so with the reply in which it calls the tool, and is not asked for another goodbye', async () => {
    const { stage } = await startTimedStage({ hangUp: true });
    const call = await stage.call();
    await call.writes('Good bye. [hang_up] Bye bye.');
    expect(await call.until('reply.ended')).toMatchObject({ text: 'Good bye.', hangUp: true });
    expect(stage.sent).toHaveLength(1);
  });

  it('says its goodbye when it had called the tool first, or nothing at all', async () => {
    const { stage } = await startTimedStage({ hangUp: true });
    const call = await stage.call();
    await call.writes('[hang_up] Good bye.');
    expect(await call.until('reply.ended')).toMatchObject({ text: 'Good bye.', hangUp: true });
    await call.writes('[hang_up]');
    expect(await call.until('reply.ended', { reply: 2 })).toMatchObject({
      outcome: 'completed',
      text: '',
      hangUp: true,
    });
  });

  it('has hung up also for an owner that finishes the reply', async () => {
    const { stage, first } = await startTimedStage({ hangUp: true });
    await stage.join();
    const call = await stage.call();
    stage.killOn(first, ({ type }) => type === 'tool.returned');
    await call.writes('[hang_up] Good bye.');
    expect(await call.until('reply.ended')).toMatchObject({ epoch: 2, text: 'Good bye.', hangUp: true });
  });

  it('cannot when it is not allowed to', async () => {
    const { stage } = await startTimedStage({});
    const call = await stage.call();
    await call.writes('[hang_up] Good bye.');
    expect(await call.until('reply.ended')).not.toHaveProperty('hangUp');
  });
});
