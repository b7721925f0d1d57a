import { describe, expect, it } from '@jest/globals';
import { EngineError } from '@parley/ports';
import fc from 'fast-check';
import { called, returned, token, toldReply, type Happens } from '../spec-support/told-reply.js';

describe('a reply in which several speak', () => {
  it('has each sentence and each piece of text of whoever says it', async () => {
    const reply = toldReply([token('Let me ask. [ch'), token('ef]: Hot.\nEnj'), token('oy!')], undefined, ['chef']);
    await reply.run.run();
    expect(reply.sentences()).toEqual([
      { reply: 1, sentence: 0, text: 'Let me ask.', spoken: 'Let me ask.' },
      { reply: 1, sentence: 1, text: ' [chef]: Hot.', spoken: 'Hot.', speaker: 'chef' },
      { reply: 1, sentence: 2, text: '\nEnjoy!', spoken: 'Enjoy!' },
    ]);
    expect(reply.chunks).toEqual([['Let me ask. '], ['[chef]: Hot.', 'chef'], ['\nEnjoy!']]);
    expect(reply.ended()).toMatchObject([{ text: 'Let me ask. [chef]: Hot.\nEnjoy!' }]);
  });

  it('goes on behind what an earlier owner published, whoever said that', async () => {
    const published = { sentences: ['Let me ask.', ' [chef]: Hot.'], before: 0 };
    const reply = toldReply([token('Let me ask. [chef]: Hot.\nEnjoy!')], published, ['chef']);
    await reply.run.run();
    expect(reply.sentences()).toMatchObject([{ sentence: 2, text: '\nEnjoy!' }]);
    expect(reply.told()).toBe('\nEnjoy!');
  });
});

describe('a reply', () => {
  it('makes sentences of tokens, and ends once with all of them', async () => {
    const { run, events, asked } = toldReply([token('We have so'), token('up. It'), token(' is hot.')]);
    await run.run();
    expect(asked).toMatchObject([{ reply: 1, userText: 'hi', deadlineMs: 5000 }]);
    expect(events).toEqual([
      { type: 'reply.sentence', payload: { reply: 1, sentence: 0, text: 'We have soup.', spoken: 'We have soup.' } },
      { type: 'reply.sentence', payload: { reply: 1, sentence: 1, text: ' It is hot.', spoken: 'It is hot.' } },
      {
        type: 'reply.ended',
        payload: { reply: 1, turn: 2, outcome: 'completed', sentences: 2, text: 'We have soup. It is hot.', ttftMs: 10, durationMs: 30 }, // prettier-ignore
      },
    ]);
  });

  it('publishes the first sentence while the model writes the second', async () => {
    let early = 0;
    const reply = toldReply([token('Hello. How'), () => (early = reply.sentences().length), token(' are you?')]);
    await reply.run.run();
    expect(early).toBe(1);
    expect(reply.sentences()).toHaveLength(2);
  });

  it('tells clients tokens as they come, those that come at once together', async () => {
    const later = () => new Promise<void>((resolve) => void setImmediate(resolve));
    const { run, order, chunks } = toldReply([token('He'), token('l'), later, token('lo.')]);
    await run.run();
    expect(order).toEqual(['text', 'reply.sentence', 'text', 'reply.ended']);
    expect(chunks).toEqual([['Hel'], ['lo.']]);
  });

  it('publishes what was written before a tool ahead of the call, and what comes after it as a sentence of its own', async () => {
    const { run, events } = toldReply([token('Let me see'), called(), returned(), token(' Done.')]);
    await run.run();
    expect(events.map(({ type }) => type)).toEqual([
      'reply.sentence',
      'tool.called',
      'tool.returned',
      'reply.sentence',
      'reply.ended',
    ]);
    expect(events[1]?.payload).toEqual({ reply: 1, callId: 'r1c1', tool: 'add', args: { n: 1 } });
    expect(events[2]?.payload).toEqual({ reply: 1, callId: 'r1c1', tool: 'add', ok: true, result: 1, durationMs: 2 });
    expect(events[4]?.payload).toMatchObject({ text: 'Let me see Done.', sentences: 2 });
  });

  it('passes on the state that a tool left', async () => {
    const { run, events } = toldReply([called(), { ...returned(), state: { n: 1 } } as Happens, token('Ok.')]);
    await run.run();
    expect(events[1]?.payload).toMatchObject({ state: { n: 1 } });
  });

  it('counts a tool that the agent does not have under one name', async () => {
    const made = { ...returned(), tool: 'made_up', ok: false } as Happens;
    const { run, metrics } = toldReply([called(), made, token('Ok.')]);
    await run.run();
    expect(await metrics.text()).toContain('parley_agent_tool_calls_total{tool="unknown",outcome="failed"');
  });
});

describe('a reply that fails', () => {
  it.each([
    ['the engine fails', new EngineError('engine_unavailable', 'secret', true), 'engine_unavailable'],
    ['the engine is too slow', new EngineError('engine_timeout', 'secret', true), 'engine_timeout'],
    ['a signal times out', new DOMException('secret', 'TimeoutError'), 'engine_timeout'],
    ['anything else goes wrong', new TypeError('secret'), 'internal'],
  ])('ends as failed when %s, and what was written stays', async (_, error, reason) => {
    const { run, events, ended } = toldReply([token('We have soup. It is'), error]);
    await run.run();
    expect(events.map(({ type }) => type)).toEqual(['reply.sentence', 'reply.sentence', 'reply.ended']);
    expect(ended()).toMatchObject([{ outcome: 'failed', sentences: 2, text: 'We have soup. It is' }]);
    expect(ended()[0]?.error).toEqual({ code: 'reply_failed', message: expect.stringContaining(reason) });
    expect(JSON.stringify(events)).not.toContain('secret');
  });

  it('ends as failed before its first token, with nothing said', async () => {
    const { run, events } = toldReply([new EngineError('engine_auth', 'x', false)]);
    await run.run();
    expect(events).toMatchObject([{ type: 'reply.ended', payload: { outcome: 'failed', sentences: 0, text: '' } }]);
    expect(events[0]?.payload).not.toHaveProperty('ttftMs');
  });
});

describe('an interrupted reply', () => {
  const interrupt: Happens = (run) => run.interrupt();

  it.each<[string, Happens[]]>([
    ['is aborted', [new EngineError('engine_aborted', 'x', false)]],
    ['fails otherwise', [new Error('x')]],
    ['does not listen', [token(' It is hot. And'), token(' more.')]],
  ])('ends silently when the model %s', async (_, after) => {
    const { run, events, told, metrics } = toldReply([token('We have soup. It'), interrupt, ...after]);
    await run.run();
    expect(run.interrupted).toBe(true);
    expect(events.map(({ type }) => type)).toEqual(['reply.sentence']);
    expect(told()).toBe('We have soup. It');
    expect(await metrics.text()).toMatch(/parley_agent_replies_total\{engine="told",outcome="interrupted".*\} 1/);
  });

  it('still tells what a tool returned', async () => {
    const aborted = new EngineError('engine_aborted', 'x', false);
    const { run, events } = toldReply([called(), interrupt, returned(), aborted]);
    await run.run();
    expect(events.map(({ type }) => type)).toEqual(['tool.called', 'tool.returned']);
  });

  it('aborts the model', async () => {
    const { run, asked } = toldReply([interrupt]);
    await run.run();
    expect(asked[0]?.signal.aborted).toBe(true);
  });
});

describe("a reply that goes on from an earlier owner's", () => {
  it('publishes no sentence again that the model writes again', async () => {
    const reply = toldReply([token('One. Two. Thr'), token('ee. Four.')], { sentences: ['One.', ' Two.'], before: 0 });
    await reply.run.run();
    expect(reply.sentences()).toMatchObject([
      { sentence: 2, text: ' Three.' },
      { sentence: 3, text: ' Four.' },
    ]);
    expect(reply.told()).toBe(' Three. Four.');
    expect(reply.ended()).toMatchObject([{ sentences: 4, text: 'One. Two. Three. Four.' }]);
  });

  it('publishes all that is written behind a tool that had returned, with a space between', async () => {
    const reply = toldReply([token('Done. Bye.')], { sentences: ['Let me see.'], before: 1 });
    await reply.run.run();
    expect(reply.sentences()).toMatchObject([
      { sentence: 1, text: ' Done.' },
      { sentence: 2, text: ' Bye.' },
    ]);
    expect(reply.told()).toBe(' Done. Bye.');
    expect(reply.ended()).toMatchObject([{ text: 'Let me see. Done. Bye.' }]);
  });

  it('goes on behind everything published once the model calls a tool, however little it wrote this time', async () => {
    const published = { sentences: ['Let me see.', ' One moment.'], before: 0 };
    const reply = toldReply([token('Let me see.'), called(), returned(), token(' Done.')], published);
    await reply.run.run();
    expect(reply.sentences()).toMatchObject([{ sentence: 2, text: ' Done.' }]);
    expect(reply.told()).toBe(' Done.');
    expect(reply.ended()).toMatchObject([{ sentences: 3, text: 'Let me see. One moment. Done.' }]);
  });

  it('ends with what was published when nothing more is written', async () => {
    const reply = toldReply([token('One.')], { sentences: ['One.', ' Two.'], before: 0 });
    await reply.run.run();
    expect(reply.sentences()).toEqual([]);
    expect(reply.told()).toBe('');
    expect(reply.ended()).toMatchObject([{ sentences: 2, text: 'One. Two.' }]);
  });

  const words = fc.array(fc.constantFrom('We', 'have', 'soup,', 'hot', 'bread.', 'Dr.', 'Tea?', 'and', '12.5'), { minLength: 1, maxLength: 30 }); // prettier-ignore
  const pieces = (text: string, sizes: number[]) => {
    const tokens: Happens[] = [];
    for (let at = 0, index = 0; at < text.length; index++) {
      const size = sizes[index % sizes.length] ?? 1;
      tokens.push(token(text.slice(at, at + size)));
      at += size;
    }
    return tokens;
  };
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });

  it('is the whole reply wherever the earlier owner stopped, with no sentence twice and every text told once', async () => {
    await fc.assert(
      fc.asyncProperty(words, sizes, sizes, fc.nat(20), async (said, first, second, stoppedAt) => {
        const text = said.join(' ');
        const whole = toldReply(pieces(text, first));
        await whole.run.run();
        expect(whole.told()).toBe(text);
        const all = whole.sentences().map((sentence) => String(sentence.text));
        expect(all.join('')).toBe(text);
        const published = all.slice(0, stoppedAt);
        const rest = toldReply(pieces(text, second), { sentences: published, before: 0 });
        await rest.run.run();
        expect([...published, ...rest.sentences().map((sentence) => sentence.text)]).toEqual(all);
        expect(published.join('') + rest.told()).toBe(text);
        expect(rest.ended()).toMatchObject([{ text, sentences: all.length }]);
      }),
    );
  });
});
