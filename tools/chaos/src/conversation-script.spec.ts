import { describe, expect, it } from '@jest/globals';
import { HumanMessage, SystemMessage } from '@langchain/core/messages';
import { createScriptedModel } from '@parley/testing/engines';
import { AGENT_RULES, callsNamedIn, replyTo, scriptCall } from './conversation-script.js';

describe('what callers say', () => {
  it('is the same for the same seed and call', () => {
    expect(scriptCall(7, 3)).toEqual(scriptCall(7, 3));
    expect(scriptCall(7, 3)).not.toEqual(scriptCall(8, 3));
  });

  it('names the call and the turn, and is said in no other turn', () => {
    const turns = Array.from({ length: 100 }, (_, call) => scriptCall(7, call + 1)).flat();
    expect(new Set(turns.map(({ words }) => words)).size).toBe(turns.length);
    expect(callsNamedIn(scriptCall(7, 42)[0]!.words)).toEqual(['c42']);
    expect(turns.some(({ note }) => note)).toBe(true);
    expect(turns.some(({ interruptAfterMs }) => interruptAfterMs)).toBe(true);
  });

  it('is answered by the scripted model as the checks expect', async () => {
    const chat = createScriptedModel({ firstTokenMs: 0, tokenMs: 0 }).createChatModel({});
    const instructions = new SystemMessage(`x <script>${JSON.stringify(AGENT_RULES)}</script>`);
    const words = 'call c17 turn t3 word w5f2a';
    expect((await chat.invoke([instructions, new HumanMessage(words)])).text).toBe(replyTo(words));
  });
});
