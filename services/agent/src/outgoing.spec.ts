import { afterEach, describe, expect, it } from '@jest/globals';
import type { ParleyEvent } from '@parley/contracts';
import { FakeClock } from '@parley/testing';
import type { AgentSettings } from '../spec-support/agent-replica.js';
import { AgentStage } from '../spec-support/agent-stage.js';

const stages: AgentStage[] = [];
afterEach(async () => {
  await Promise.all(stages.splice(0).map((stage) => stage.close()));
});

const GREETING = 'Good day, this is the clinic.';
const MESSAGE = 'This is the clinic. Please call us back.';
const MACHINE = 'Hi, you have reached Anna. Please leave a message after the tone.';

async function setUp(agent: AgentSettings = {}) {
  const clock = new FakeClock(1_700_000_000_000);
  const stage = new AgentStage({ agent: { greeting: GREETING, goodbye: 'Good bye.', ...agent }, clock });
  stages.push(stage);
  const first = await stage.join();
  const pass = async (ms: number) => {
    await stage.bus.settled();
    await clock.advance(ms);
    await stage.bus.settled();
  };
  const dial = () => stage.call({ mode: 'voice-to-voice', direction: 'outgoing' });
  return { stage, first, pass, dial };
}
type Call = Awaited<ReturnType<AgentStage['call']>>;

const voicemail = (does: 'hang_up' | 'leave_message' | 'ignore'): AgentSettings => ({
  outgoing: { voicemail: { do: does, message: MESSAGE } },
});
const said = (call: Call) => call.events('reply.ended').map(({ text }) => text);
const answeredBy = (call: Call) => call.events('session.answered').map(({ by }) => by);
const ends = (call: Call) => call.events('reply.ended').map(({ endReason }) => endReason);
const played = (call: Call, reply: number) =>
  call.playedOut(reply, { outcome: 'completed', sentence: 0, playedMs: 500, sentenceMs: 500 });

describe('a person who is called', () => {
  it('speaks first, and hears the greeting as the answer to a hello', async () => {
    const { stage, first, pass, dial } = await setUp();
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
    const { pass, dial } = await setUp();
    const call = await dial();
    await call.says('I have told you people not to call me.');
    await call.until('reply.ended');
    await played(call, 1);
    await pass(20_000);
    expect(said(call)).toEqual(['I have told you people not to call me.']);
    expect(answeredBy(call)).toEqual(['person']);
  });

  it('is greeted after a while of silence, and then answered by the model', async () => {
    const { pass, dial } = await setUp();
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
    const { pass, dial } = await setUp();
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
    const { dial } = await setUp();
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
    const { stage } = await setUp();
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
    const { first, pass, dial } = await setUp();
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
    const { pass, dial } = await setUp({ greeting: undefined, goodbye: undefined });
    const call = await dial();
    await pass(12_400);
    expect(said(call)).toEqual([]);
    await pass(100);
    expect(call.events('reply.ended')).toMatchObject([{ sentences: 0, hangUp: true, endReason: 'no_answer' }]);
  });

  it('is somebody after all who speaks over the goodbye', async () => {
    const { pass, dial } = await setUp({ greeting: undefined });
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
    const { pass, dial } = await setUp({ greeting: undefined });
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

describe('a machine that answers', () => {
  it('is hung up on as soon as its words tell, and nothing that it says is answered', async () => {
    const { first, pass, dial } = await setUp(voicemail('hang_up'));
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
    const { stage, pass, dial } = await setUp(voicemail('leave_message'));
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
    const { pass, dial } = await setUp(voicemail('leave_message'));
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
    const { pass, dial } = await setUp(voicemail('leave_message'));
    const call = await dial();
    await call.sounds(3000);
    await call.begins(MACHINE);
    await pass(4900);
    expect(said(call)).toEqual([]);
    await pass(100);
    expect(said(call)).toEqual([MESSAGE]);
  });

  it('does not interrupt the message, and gets no other', async () => {
    const { pass, dial } = await setUp(voicemail('leave_message'));
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
    const { pass, dial } = await setUp(voicemail('leave_message'));
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
    const { pass, dial } = await setUp(voicemail('leave_message'));
    const call = await dial();
    await call.speaks();
    await call.begins(MACHINE);
    await pass(119_000);
    expect(said(call)).toEqual([]);
    await pass(1000);
    expect(call.events('reply.ended')).toMatchObject([{ sentences: 0, endReason: 'voicemail' }]);
  });

  it('that is ignored is spoken with as with a person', async () => {
    const { dial } = await setUp(voicemail('ignore'));
    const call = await dial();
    await call.says('For sales press one.');
    await call.until('reply.ended');
    expect(said(call)).toEqual(['For sales press one.']);
    expect(answeredBy(call)).toEqual(['machine']);
  });

  it('is not thought about by a model that begins early', async () => {
    const { stage, pass } = await setUp(voicemail('leave_message'));
    const call = await stage.call({ agent: 'eager', mode: 'voice-to-voice', direction: 'outgoing' });
    await call.utters('Hi, this is Anna.');
    await call.utters('Please leave a message.');
    await call.says('Hi, this is Anna. Please leave a message.');
    await pass(2000);
    expect(said(call)).toEqual([MESSAGE]);
    expect(stage.sent).toEqual([]);
  });
});

describe('an owner that takes an outgoing call over', () => {
  const killedAfter = async (agent: AgentSettings, nth: number, tell: (call: Call) => Promise<unknown>) => {
    const { stage, first, pass, dial } = await setUp(agent);
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
    const { stage, first, pass, dial } = await setUp(voicemail('leave_message'));
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
