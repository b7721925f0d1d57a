import { describe, expect, it } from '@jest/globals';
import { AIMessage, HumanMessage, SystemMessage, ToolMessage, type AIMessageChunk } from '@langchain/core/messages';
import { FakeClock } from '../fake-clock.js';
import { createScriptedModel, type ScriptedModelOptions } from './scripted-model.js';

const order = { type: 'function' as const, function: { name: 'add_item', description: 'Adds', parameters: { type: 'object', properties: {} } } }; // prettier-ignore
const fast = { firstTokenMs: 0, tokenMs: 0 };
const model = (options: ScriptedModelOptions = {}) => createScriptedModel({ ...fast, ...options }).createChatModel({});
const say = (text: string) => [new SystemMessage('Be kind.'), new HumanMessage(text)];

describe('scripted model', () => {
  it("says the user's own words back", async () => {
    expect((await model().invoke(say('two coffees.'))).text).toBe('You said: two coffees.');
  });

  it('streams a token per word at its pace', async () => {
    const clock = new FakeClock();
    const chat = createScriptedModel({ firstTokenMs: 100, tokenMs: 10, clock, reply: 'one two three' }).createChatModel({}); // prettier-ignore
    const tokens: string[] = [];
    const done = (async () => {
      for await (const chunk of await chat.stream(say('go'))) tokens.push((chunk as AIMessageChunk).text);
    })();
    await clock.advance(99);
    expect(tokens).toEqual([]);
    await clock.advance(11);
    expect(tokens.filter(Boolean)).toEqual(['one ', 'two ']);
    await clock.advance(10);
    await done;
    expect(tokens.join('')).toBe('one two three');
  });

  it('keeps the pace that a rule sets for its reply', async () => {
    const clock = new FakeClock();
    const rules = [{ when: 'slowly', reply: 'one two', firstTokenMs: 3000, tokenMs: 400 }];
    const chat = createScriptedModel({ firstTokenMs: 100, tokenMs: 10, clock, rules }).createChatModel({});
    const done = chat.invoke(say('slowly'));
    let isDone = false;
    void done.then(() => (isDone = true));
    await clock.advance(3399);
    expect(isDone).toBe(false);
    await clock.advance(1);
    expect((await done).text).toBe('one two');
  });

  it('calls tools by rule with what the words say, and tells their result afterwards', async () => {
    const rule = { when: '(\\d+) (\\w+)', calls: [{ tool: 'add_item', args: { count: '{1}', item: '{2}' } }], then: 'Done: {result}.' }; // prettier-ignore
    const chat = model({ rules: [rule] });
    const bound = chat.bindTools?.([order]);
    const called = (await bound?.invoke(say('add 2 coffees'))) as AIMessageChunk;
    expect(called.tool_calls).toMatchObject([{ name: 'add_item', args: { count: 2, item: 'coffees' } }]);
    const id = called.tool_calls?.[0]?.id ?? '';
    const history = [...say('add 2 coffees'), new AIMessage({ content: '', tool_calls: called.tool_calls ?? [] })];
    const after = await bound?.invoke([...history, new ToolMessage({ content: 'added', tool_call_id: id })]);
    expect(after?.text).toBe('Done: added.');
    expect(after?.tool_calls).toEqual([]);
  });

  it("follows the rules in the agent's instructions before its own", async () => {
    const chat = model({ rules: [{ when: '.', reply: 'Mine.' }] });
    const ask = (instructions: string) => chat.invoke([new SystemMessage(instructions), new HumanMessage('tea')]);
    expect((await ask('<script>[{"when":"tea","reply":"Tea!"}]</script>')).text).toBe('Tea!');
    expect((await ask('No script.')).text).toBe('Mine.');
    await expect(ask('<script>{}</script>')).rejects.toMatchObject({ code: 'engine_settings' });
    await expect(ask('<script>tea</script>')).rejects.toMatchObject({ code: 'engine_settings' });
  });

  it('looks only at what the user said last', async () => {
    const chat = model({ rules: [{ when: 'coffee', reply: 'Coffee!' }] });
    const history = [new HumanMessage('coffee'), new AIMessage('Coffee!'), new HumanMessage('bye')];
    expect((await chat.invoke(history)).text).toBe('You said: bye.');
  });

  it('fails with the code that a rule names, once', async () => {
    const chat = model({ rules: [{ when: 'explode', error: 'engine_unavailable' }] });
    await expect(chat.invoke(say('explode'))).rejects.toMatchObject({ code: 'engine_unavailable' });
  });

  it('refuses to call a tool that is not bound, and rules that are no pattern', async () => {
    const chat = model({ rules: [{ when: '.', calls: [{ tool: 'add_item', args: {} }] }] });
    await expect(chat.invoke(say('x'))).rejects.toMatchObject({ code: 'engine_input' });
    expect(() => model({ rules: [{ when: '(' }] })).toThrow(expect.objectContaining({ code: 'engine_settings' }));
  });

  it('makes every reply as long as it is told to', async () => {
    expect((await model({ reply: 'a b c', tokens: 5 }).invoke(say('x'))).text).toBe('a b c a b');
    expect((await model({ reply: 'a b c', tokens: 2 }).invoke(say('x'))).text).toBe('a b');
  });

  it('stops streaming when aborted', async () => {
    const clock = new FakeClock();
    const abort = new AbortController();
    const chat = createScriptedModel({ clock }).createChatModel({});
    const outcome = expect(chat.invoke(say('x'), { signal: abort.signal })).rejects.toThrow(/abort/i);
    await clock.advance(50);
    abort.abort();
    await outcome;
  });
});
