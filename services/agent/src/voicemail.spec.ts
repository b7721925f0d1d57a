import { afterEach, describe, expect, it } from '@jest/globals';
import { said } from '../spec-support/agent-call.js';
import {
  GREETING,
  MACHINE,
  MESSAGE,
  answeredBy,
  ends,
  played,
  startDialling,
  voicemail,
} from '../spec-support/outgoing-calls.js';
import { closeStages } from '../spec-support/started-stages.js';

afterEach(closeStages);

describe('a machine that answers', () => {
  it('is hung up on as soon as its words tell, and nothing that it says is answered', async () => {
    const { first, pass, dial } = await startDialling(voicemail('hang_up'));
    const call = await dial();
    await call.speaks();
    await call.begins('Hi, you have reached Anna, please');
    expect(answeredBy(call)).toEqual([]);
    await call.begins('Hi, you have reached Anna, please leave a message');
    await call.until('reply.ended');
    expect(call.events('reply.started')).toMatchObject([{ occasion: 'voicemail', script: '' }]);
    expect(call.events('reply.ended')).toMatchObject([{ sentences: 0, hangUp: true, endReason: 'voicemail' }]);
    expect(await first.counted('parley_agent_calls_answered_total{kind="machine"')).toBe(1);
    await call.says(MACHINE);
    await pass(60_000);
    expect(said(call)).toEqual(['']);
    expect(answeredBy(call)).toEqual(['machine']);
  });

  it('is left a message when it has been silent for a while', async () => {
    const { stage, pass, dial } = await startDialling(voicemail('leave_message'));
    const call = await dial();
    await call.says(MACHINE);
    await pass(1900);
    expect(said(call)).toEqual([]);
    await pass(100);
    expect(said(call)).toEqual([MESSAGE]);
    expect(call.events('reply.started')).toMatchObject([{ occasion: 'voicemail', turn: 1, userText: MACHINE }]);
    expect(call.events('reply.sentence').every(({ interruptible }) => interruptible === false)).toBe(true);
    expect(ends(call)).toEqual(['voicemail']);
    expect(stage.sent).toEqual([]);
  });

  it('is waited for when it goes on', async () => {
    const { pass, dial } = await startDialling(voicemail('leave_message'));
    const call = await dial();
    await call.says(MACHINE);
    await pass(1000);
    await call.speech('speech.started');
    await pass(8000);
    await call.speech('speech.stopped');
    await call.says('To page this person press five.');
    await pass(1900);
    expect(said(call)).toEqual([]);
    await pass(100);
    expect(said(call)).toEqual([MESSAGE]);
  });

  it('is left the message also when the end of its turn is never told', async () => {
    const { pass, dial } = await startDialling(voicemail('leave_message'));
    const call = await dial();
    await call.sounds(3000);
    await call.begins(MACHINE);
    await pass(4900);
    expect(said(call)).toEqual([]);
    await pass(100);
    expect(said(call)).toEqual([MESSAGE]);
  });

  it('does not interrupt the message, and gets no other', async () => {
    const { pass, dial } = await startDialling(voicemail('leave_message'));
    const call = await dial();
    await call.says(MACHINE);
    await pass(2000);
    await call.begins('are you still there');
    await call.says('Are you still there?');
    await pass(5000);
    await played(call, 1);
    await pass(60_000);
    expect(call.events('reply.interrupted')).toEqual([]);
    expect(said(call)).toEqual([MESSAGE]);
  });

  it('cuts off a greeting that was said to silence', async () => {
    const { pass, dial } = await startDialling(voicemail('leave_message'));
    const call = await dial();
    await pass(2500);
    await call.begins(MACHINE);
    expect(call.events('reply.interrupted')).toMatchObject([{ reply: 1, cause: 'voicemail' }]);
    await call.playedOut(1, { outcome: 'interrupted', sentence: 0, playedMs: 100 });
    await call.says(MACHINE);
    await pass(2000);
    expect(said(call)).toEqual([GREETING, MESSAGE]);
  });

  it('is hung up on when it never falls silent', async () => {
    const { pass, dial } = await startDialling(voicemail('leave_message'));
    const call = await dial();
    await call.speaks();
    await call.begins(MACHINE);
    await pass(119_000);
    expect(said(call)).toEqual([]);
    await pass(1000);
    expect(call.events('reply.ended')).toMatchObject([{ sentences: 0, endReason: 'voicemail' }]);
  });

  it('that is ignored is spoken with as with a person', async () => {
    const { dial } = await startDialling(voicemail('ignore'));
    const call = await dial();
    await call.says('For sales press one.');
    await call.until('reply.ended');
    expect(said(call)).toEqual(['For sales press one.']);
    expect(answeredBy(call)).toEqual(['machine']);
  });

  it('is not thought about by a model that begins early', async () => {
    const { stage, pass } = await startDialling(voicemail('leave_message'));
    const call = await stage.call({ agent: 'eager', mode: 'voice-to-voice', direction: 'outgoing' });
    await call.utters('Hi, this is Anna.');
    await call.utters('Please leave a message.');
    await call.says('Hi, this is Anna. Please leave a message.');
    await pass(2000);
    expect(said(call)).toEqual([MESSAGE]);
    expect(stage.sent).toEqual([]);
  });
});
