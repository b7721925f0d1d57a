import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { ToolDefinition } from '@parley/ports';
import { closeStages, startStage } from '../spec-support/started-stages.js';
import { called, filler, returned, toldReply, token, type Happens } from '../spec-support/told-reply.js';
import type { ConversationRun } from './conversation-run.js';
import { ReplyInterrupted } from './reply-stopped.js';
import { fillWhileCalling } from './tool-filler.js';

afterEach(closeStages);

describe('a tool that runs when the caller interrupts', () => {
  it('is let finish, and the next reply begins when its result is known', async () => {
    const { stage } = await startStage();
    const call = await stage.call();
    await call.writes('Hold on. [charge] Done.');
    await stage.toolWaits();
    await call.writes('Stop.');
    await call.until('reply.started', { reply: 2 });
    expect(stage.sent).toHaveLength(1);
    await stage.release();
    await call.until('reply.ended', { reply: 2 });
    expect(call.events('tool.returned')).toMatchObject([{ reply: 1, ok: true, result: 'charged' }]);
    expect(stage.sent.at(-1)).toContain('tool: "charged"');
  });

  it('is cancelled at once when it only reads', async () => {
    const { stage } = await startStage();
    const call = await stage.call();
    await call.writes('Hold on. [look] Done.');
    await stage.toolWaits();
    await call.writes('Stop.');
    await call.until('reply.ended', { reply: 2 });
    expect(call.events('tool.returned')).toMatchObject([{ ok: true, result: 'seen so far' }]);
  });

  it('is waited for by an owner that hands the session over', async () => {
    const { stage, first } = await startStage();
    await stage.join();
    const call = await stage.call();
    await call.writes('Hold on. [charge] Done.');
    await stage.toolWaits();
    await call.writes('Stop.');
    await call.until('reply.started', { reply: 2 });
    const drained = first.host.drain();
    await stage.release();
    await drained;
    expect(await call.until('reply.ended', { reply: 2 })).toMatchObject({ epoch: 2, text: 'Stop.' });
    expect(call.events('tool.returned')).toMatchObject([{ epoch: 1, reply: 1, result: 'charged' }]);
  });
});

describe('a tool that takes long', () => {
  it('has its filler said once, as a part of the reply', async () => {
    const { stage, first } = await startStage();
    const call = await stage.call();
    await call.writes('Let me see. [ponder] Done.');
    await call.until('reply.sentence', { sentence: 2 });
    await stage.release();
    const text = 'Let me see. One moment. I am thinking. Done.';
    expect(await call.until('reply.ended')).toMatchObject({ sentences: 4, text });
    await call.writes('Ok.');
    await call.until('reply.ended', { reply: 2 });
    expect(stage.sent.at(-1)).toEqual([
      'human: Let me see. [ponder] Done.',
      'ai: Let me see. One moment. I am thinking.',
      'tool: "thought"',
      'ai:  Done.',
      'human: Ok.',
    ]);
    expect(call.folded().history[0]?.replyText).toBe(text);
    expect(await first.counted('parley_agent_tool_fillers_total')).toBe(1);
  });

  it.each<[string, (run: Partial<ConversationRun>) => void, number]>([
    ['returns in time', () => {}, 1000],
    ['has been interrupted', (run) => (run.failure = new ReplyInterrupted()), 1300],
  ])('has nothing said when it %s', (_, happen, afterMs) => {
    jest.useFakeTimers();
    const run: Partial<ConversationRun> = { fill: jest.fn(() => 'said') };
    const said = fillWhileCalling(run as ConversationRun, 'r1c1', { filler: 'Hm.' } as ToolDefinition<unknown>);
    happen(run);
    jest.advanceTimersByTime(afterMs);
    expect(said()).toBe('');
    jest.advanceTimersByTime(5000);
    expect(run.fill).not.toHaveBeenCalled();
    jest.useRealTimers();
  });

  it('has its filler not said again by an owner who calls it again', async () => {
    const happenings: Happens[] = [token('Let me see.'), called(), filler(' One moment.'), returned(), token(' Done.')];
    const reply = toldReply(happenings, { sentences: ['Let me see.', ' One moment.'], before: 0 });
    await reply.run.run();
    expect(reply.sentences()).toMatchObject([{ sentence: 2, text: ' Done.' }]);
    expect(reply.ended()).toMatchObject([{ sentences: 3, text: 'Let me see. One moment. Done.' }]);
  });
});
