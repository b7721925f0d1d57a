import { afterEach, describe, expect, it } from '@jest/globals';
import type { ParleyEvent } from '@parley/contracts';
import { said, type AgentCall } from '../spec-support/agent-call.js';
import type { AgentSettings } from '../spec-support/agent-replica.js';
import {
  GREETING,
  MACHINE,
  MESSAGE,
  answeredBy,
  ends,
  startDialling,
  voicemail,
} from '../spec-support/outgoing-calls.js';
import { closeStages } from '../spec-support/started-stages.js';

afterEach(closeStages);

describe('an owner that takes an outgoing call over', () => {
  const killedAfter = async (agent: AgentSettings, nth: number, tell: (call: AgentCall) => Promise<unknown>) => {
    const { stage, first, pass, dial } = await startDialling(agent);
    await stage.join();
    let stored = 0;
    const isOwners = ({ stage: by, type }: ParleyEvent) =>
      by === 'agent' && (type.startsWith('reply.') || type === 'session.answered');
    stage.killOn(first, (event) => isOwners(event) && ++stored === nth);
    const call = await dial();
    await tell(call);
    await pass(30_000);
    return call;
  };

  it.each([1, 2, 3, 4])('greets once, killed after event %i', async (nth) => {
    const call = await killedAfter({}, nth, (each) => each.says('Hello?'));
    expect(said(call)).toEqual([GREETING]);
    expect(call.events('reply.started')).toMatchObject([{ occasion: 'greeting', userText: 'Hello?', turn: 1 }]);
    expect(call.events('reply.sentence')).toHaveLength(1);
    expect(answeredBy(call)).toEqual(['person']);
  });

  it.each([1, 2, 3, 4, 5])('leaves one message, killed after event %i', async (nth) => {
    const call = await killedAfter(voicemail('leave_message'), nth, (each) => each.says(MACHINE));
    expect(said(call)).toEqual([MESSAGE]);
    expect(call.events('reply.sentence').map(({ interruptible }) => interruptible)).toEqual([false, false]);
    expect(ends(call)).toEqual(['voicemail']);
    expect(answeredBy(call)).toEqual(['machine']);
  });

  it.each([1, 2, 3])('hangs up on a machine once, killed after event %i', async (nth) => {
    const call = await killedAfter(voicemail('hang_up'), nth, (each) => each.begins(MACHINE));
    expect(ends(call)).toEqual(['voicemail']);
    expect(answeredBy(call)).toEqual(['machine']);
  });

  it.each([1, 2, 3, 4])('says one goodbye to nobody, killed after event %i', async (nth) => {
    const call = await killedAfter({ greeting: undefined }, nth, () => Promise.resolve());
    expect(said(call)).toEqual(['Good bye.']);
    expect(ends(call)).toEqual(['no_answer']);
    expect(answeredBy(call)).toEqual(['nobody']);
  });

  it('waits for what is left of a silence', async () => {
    const { stage, first, pass, dial } = await startDialling(voicemail('leave_message'));
    await stage.join();
    const call = await dial();
    await call.says(MACHINE);
    await pass(1500);
    stage.kill(first, call.sessionId);
    await pass(400);
    expect(said(call)).toEqual([]);
    await pass(100);
    expect(said(call)).toEqual([MESSAGE]);
    expect(answeredBy(call)).toEqual(['machine']);
  });
});
