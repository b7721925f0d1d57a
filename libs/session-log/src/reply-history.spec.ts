import { describe, expect, it } from '@jest/globals';
import { Folded } from '../spec-support/folded.js';

describe('what history holds of a reply', () => {
  const reply = () => new Folded().replying('We have soup.', ' It is hot.');

  it('is all of it when it was played to its end', () => {
    const session = reply().ended().playoutEnded('completed', 1, 700, 700);
    expect(session.turn).toMatchObject({ replyText: 'We have soup. It is hot.', interrupted: false });
  });

  it('is nothing when it was interrupted before any report', () => {
    expect(reply().ended().interrupted().turn).toMatchObject({ replyText: '', interrupted: true });
  });

  it("is what the gateway's last report says, then what it says at the end", () => {
    const session = reply().ended().playedTo(1, 0).interrupted();
    expect(session.turn?.replyText).toBe('We have soup.');
    expect(session.playedTo(1, 200).turn?.replyText).toBe('We have soup. It');
    expect(session.playoutEnded('interrupted', 1, 650, 1100).turn?.replyText).toBe('We have soup. It is');
  });

  it('is all that was shown when it was written', () => {
    const session = new Folded('voice-to-text').replying('We have soup.').interrupted();
    expect(session.turn).toMatchObject({ replyText: 'We have soup.', interrupted: true });
  });

  it.each(['interrupted first', 'played out first'])(
    'is all of it when it was played to its end anyway, %s',
    (order) => {
      const session = reply().ended().playedTo(0, 100);
      if (order === 'interrupted first') session.interrupted().playoutEnded('completed', 1, 700, 700);
      else session.playoutEnded('completed', 1, 700, 700).interrupted();
      expect(session.turn).toMatchObject({ replyText: 'We have soup. It is hot.', interrupted: false });
    },
  );

  it('is what was heard of a reply whose voice failed', () => {
    const session = reply().ended().playoutEnded('failed', 0, 1300, 1300);
    expect(session.turn).toMatchObject({ replyText: 'We have soup.', interrupted: true });
  });

  it('has tool calls with what they returned, and the state that the last one left', () => {
    const session = reply();
    session.on('tool.called', { reply: 1, callId: 'a', tool: 'add', args: { n: 1 } });
    session.interrupted();
    session.on('tool.returned', {
      reply: 1,
      callId: 'a',
      tool: 'add',
      ok: true,
      result: 1,
      state: { n: 1 },
      durationMs: 1,
    });
    expect(session.turn?.toolCalls).toEqual([{ callId: 'a', tool: 'add', args: { n: 1 }, returned: { ok: true, result: 1 } }]); // prettier-ignore
    expect(session.state.toolState).toEqual({ n: 1 });
    expect(session.turn?.sentencesBeforeTool).toBe(2);
  });

  it('has one call of an id that a new owner called again', () => {
    const session = reply();
    for (let owner = 1; owner <= 2; owner++)
      session.on('tool.called', { reply: 1, callId: 'a', tool: 'add', args: {} });
    session.on('tool.returned', { reply: 1, callId: 'a', tool: 'add', ok: true, result: 1, durationMs: 1 });
    expect(session.turn?.toolCalls).toHaveLength(1);
    session.on('tool.called', { reply: 1, callId: 'a', tool: 'add', args: {} });
    session.on('tool.returned', { reply: 1, callId: 'a', tool: 'add', ok: true, result: 2, durationMs: 1 });
    expect(session.turn?.toolCalls.map(({ returned }) => returned?.result)).toEqual([1, 2]);
  });
});
