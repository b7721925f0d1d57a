import { describe, expect, it } from '@jest/globals';
import { EngineError } from '@parley/ports';
import { guardAnswer, type AnswerRules } from '@parley/provider-kit';
import { deadline } from '@parley/testing';

const END = '.';
const rules: AnswerRules<string> = {
  provider: 'Test',
  answerTimeoutMs: 60,
  says: (chunk) => chunk !== '',
  ends: (chunk) => chunk === END,
  translate: (cause) => new EngineError('engine_unavailable', 'Test: broke', true, { cause }),
};
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const never = () => new Promise<never>(() => undefined);

/** Takes steps: what is said, how long nothing happens, or an error. */
async function* script(...steps: (string | number | Error)[]) {
  for (const step of steps) {
    if (step instanceof Error) throw step;
    if (typeof step === 'number') await (step === Infinity ? never() : wait(step));
    else yield step;
  }
}

async function read(chunks: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}
const guarded = (source: AsyncIterable<string>, more: Partial<AnswerRules<string>> = {}) =>
  deadline(read(guardAnswer(() => source, { ...rules, ...more })), 3000, 'end of the answer');

describe('guardAnswer', () => {
  it('hands on an answer whose gaps are in time, however long all of it takes', async () => {
    expect(await guarded(script('a', 40, 'b', 40, 'c', 40, END))).toEqual(['a', 'b', 'c', END]);
  });

  it.each([
    ['the first word', script(Infinity, 'a', END)],
    ['a further word', script('a', Infinity, END)],
    ['a word among chunks that say nothing', script('', 30, '', 30, '', 30, 'a', END)],
  ])('gives up when %s does not come', async (_, source) => {
    await expect(guarded(source)).rejects.toMatchObject({ code: 'engine_timeout', retryable: true });
  });

  it("does not count the reader's own time", async () => {
    const words: string[] = [];
    for await (const word of guardAnswer(() => script('a', 'b', END), rules)) {
      await wait(80);
      words.push(word);
    }
    expect(words).toEqual(['a', 'b', END]);
  });

  it('takes an answer that ends without its end for an error', async () => {
    await expect(guarded(script('a'))).rejects.toMatchObject({ code: 'engine_protocol', retryable: true });
  });

  it.each([
    ['breaks', script('a', END, new Error('reset'))],
    ['falls silent', script('a', END, Infinity)],
  ])('leaves an answer alone whose connection %s after its end', async (_, source) => {
    expect(await guarded(source)).toEqual(['a', END]);
  });

  it('translates what is thrown, but no EngineError', async () => {
    await expect(guarded(script(new Error('x')))).rejects.toMatchObject({ code: 'engine_unavailable' });
    const known = new EngineError('engine_busy', 'Test: full', true);
    await expect(guarded(script('a', known))).rejects.toBe(known);
  });

  it.each([
    ['hangs', script('a', Infinity)],
    ['ends quietly', script('a', 20)],
    ['throws', script('a', 20, new Error('AbortError'))],
  ])('says that the caller aborted when the request %s', async (_, source) => {
    const abort = new AbortController();
    const reading = guarded(source, { signal: abort.signal, answerTimeoutMs: 2000 });
    setTimeout(() => abort.abort(), 5);
    await expect(reading).rejects.toMatchObject({ code: 'engine_aborted', retryable: false });
  });

  it.each([
    ['was too slow', 'timeout'],
    ['is not read to its end', 'left'],
    ['is complete', 'complete'],
  ])('aborts a request whose answer %s', async (_, how) => {
    let request: AbortSignal | undefined;
    const answer = guardAnswer((signal) => {
      request = signal;
      return how === 'timeout' ? script(Infinity) : script('a', END);
    }, rules);
    if (how === 'left') for await (const _chunk of answer) break;
    else await read(answer).catch(() => undefined);
    expect(request?.aborted).toBe(true);
  });
});
