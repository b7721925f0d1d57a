import { afterEach, describe, expect, it } from '@jest/globals';
import type { AgentSettings } from '../spec-support/agent-replica.js';
import { closeStages, startTimedStage } from '../spec-support/started-stages.js';
import { builtInTools } from './built-in-tools.js';
import { toldReply, type Happens } from '../spec-support/told-reply.js';

afterEach(closeStages);

async function setUp(agent?: AgentSettings) {
  const { stage, first, pass } = await startTimedStage(agent);
  const call = await stage.call();
  const press = async (digits: string) => {
    await call.gateway('session.dtmf', { digits });
    await stage.bus.settled();
  };
  const turns = () => call.events('reply.started').map(({ userText }) => userText);
  return { stage, first, call, press, pass, turns };
}

describe('keys that the caller presses', () => {
  it('are a turn at once when the last is #', async () => {
    const { call, press, turns } = await setUp();
    await press('1');
    await press('23');
    expect(turns()).toEqual([]);
    await press('#');
    await call.until('reply.ended');
    expect(turns()).toEqual(['pressed 1 2 3 #']);
    const ids = call.events('session.dtmf').map(({ id }) => id);
    expect(call.events('reply.started')).toMatchObject([{ turn: 1, answers: ids }]);
  });

  it('are a turn when none has followed for 2 s', async () => {
    const { press, pass, turns } = await setUp();
    await press('4');
    await pass(1900);
    await press('2');
    await pass(1900);
    expect(turns()).toEqual([]);
    await pass(100);
    expect(turns()).toEqual(['pressed 4 2']);
  });

  it('are nothing for an agent that ignores them', async () => {
    const { press, pass, turns } = await setUp({ dtmf: 'ignore' });
    await press('1#');
    await pass(5000);
    expect(turns()).toEqual([]);
  });

  it('are answered once, whoever has the session', async () => {
    const { stage, first, call, press, pass, turns } = await setUp();
    await stage.join();
    await press('1');
    stage.kill(first, call.sessionId);
    await pass(2000);
    await press('2#');
    await call.until('reply.ended', { reply: 2 });
    expect(turns()).toEqual(['pressed 1', 'pressed 2 #']);
    expect(call.folded()).toMatchObject({ keys: [], answeredEarly: [], open: [] });
  });
});

describe('keys that the agent presses', () => {
  const args = { digits: '12#' };
  const pressing: Happens[] = [
    { type: 'token', text: 'I press it. Now' },
    { type: 'tool_called', callId: 'r1c1', tool: 'send_digits', args },
    { type: 'tool_returned', callId: 'r1c1', tool: 'send_digits', ok: true, result: 'ok', durationMs: 1 },
    { type: 'token', text: ' Done.' },
  ];

  it('stand as a sentence of their own behind what was said before', async () => {
    const reply = toldReply(pressing);
    await reply.run.run();
    expect(reply.sentences()).toEqual([
      { reply: 1, sentence: 0, text: 'I press it.', spoken: 'I press it.' },
      { reply: 1, sentence: 1, text: ' Now', spoken: 'Now' },
      { reply: 1, sentence: 2, text: '', spoken: '', digits: '12#' },
      { reply: 1, sentence: 3, text: ' Done.', spoken: 'Done.' },
    ]);
    expect(reply.events.map(({ type }) => type)).toEqual([
      'reply.sentence',
      'reply.sentence',
      'tool.called',
      'reply.sentence',
      'tool.returned',
      'reply.sentence',
      'reply.ended',
    ]);
    expect(reply.ended()).toMatchObject([{ sentences: 4, text: 'I press it. Now Done.' }]);
  });

  it('are a tool that is there for an agent that may, and takes keys alone', () => {
    expect(builtInTools({ hangUp: false, sendDigits: false })).toEqual([]);
    const [tool] = builtInTools({ hangUp: false, sendDigits: true });
    expect(tool?.args.safeParse({ digits: '0-9' }).success).toBe(false);
    expect(tool?.args.safeParse({ digits: '09A*#' }).success).toBe(true);
  });
});
