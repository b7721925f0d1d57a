import { describe, expect, it } from '@jest/globals';
import type { EdgeEvent } from '@parley/contracts';
import { ConversationRenderer } from './conversation-renderer.js';

function shown(events: EdgeEvent[], terminal: { rewritable: boolean; colors?: boolean; columns?: number }): string {
  let text = '';
  const renderer = new ConversationRenderer(
    { colors: false, columns: 40, ...terminal, write: (more) => (text += more) },
    { echoTurns: 'wav' },
  );
  for (const event of events) renderer.show({ kind: 'event', atMs: 0, event });
  renderer.break();
  return text;
}

const interim = (transcript: string, stableChars = 0): EdgeEvent => ({
  type: 'stt_chunk',
  transcript,
  stableChars,
  utterance: 1,
});
const reply: EdgeEvent[] = [
  { type: 'agent_chunk', text: 'One ', reply: 1 },
  { type: 'tool_call', tool: 'add', args: { n: 1 }, reply: 1, callId: 'c' },
  { type: 'tool_result', tool: 'add', result: { items: 1 }, ok: true, reply: 1, callId: 'c' },
  { type: 'agent_chunk', text: 'more.', reply: 1 },
  { type: 'agent_end', reply: 1, turn: 1, outcome: 'completed', text: 'One more.' },
];

describe('ConversationRenderer on a terminal', () => {
  it('rewrites the interim transcript in its line until the final one replaces it', () => {
    const text = shown(
      [interim('two'), interim('two tuna'), { type: 'stt_output', transcript: 'Two tunas.', utterance: 1 }],
      {
        rewritable: true,
      },
    );
    expect(text).toBe('you    two\r\x1b[2Kyou    two tuna\r\x1b[2Kyou    Two tunas.\n');
  });

  it('shows the stable part as it is and the rest dim', () => {
    const text = shown([interim('two tuna', 4)], { rewritable: true, colors: true });
    expect(text).toContain('two \x1b[2mtuna\x1b[0m');
  });

  it('shows the end of an interim transcript that is wider than the line', () => {
    const text = shown([interim('abcdefghijklmnop', 14)], { rewritable: true, columns: 18 });
    expect(text).toBe('you    ghijklmnop\r\x1b[2K');
  });

  it("streams the agent's text around tool calls", () => {
    expect(shown(reply, { rewritable: true })).toBe(
      'agent  One \ntool   add {"n":1}\ntool   add gave {"items":1}\nagent  more.\n',
    );
  });

  it('lets no escape sequence of a text through', () => {
    const text = shown([{ type: 'agent_chunk', text: 'a\x1b[2Jb\rc\nd', reply: 1 }], { rewritable: true });
    expect(text).toBe('agent  ab c d\n');
  });
});

describe('ConversationRenderer elsewhere', () => {
  it('writes each line once, when it is complete', () => {
    expect(shown([interim('two'), ...reply], { rewritable: false })).toBe(
      'tool   add {"n":1}\ntool   add gave {"items":1}\nagent  One more.\n',
    );
  });

  it('says how a reply ended that was not completed', () => {
    const text = shown([{ type: 'agent_end', reply: 1, turn: 1, outcome: 'interrupted', text: 'One' }], {
      rewritable: false,
    });
    expect(text).toBe('agent  One\nreply interrupted\n');
  });

  it("shows the gateway's errors by code and passes over types it does not know", () => {
    const events = [
      {
        type: 'error',
        code: 'stage_unavailable',
        message: 'a stage has no live replica',
        retryable: true,
        stage: 'stt',
      },
      { type: 'from_the_future' },
      { type: 'stage_restored', stage: 'stt' },
    ] as unknown as EdgeEvent[];
    expect(shown(events, { rewritable: false })).toBe(
      'error stage_unavailable: a stage has no live replica\nstt is back\n',
    );
  });
});
