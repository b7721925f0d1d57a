import { afterEach, describe, expect, it } from '@jest/globals';
import type { TextToSpeech } from '@parley/ports';
import { codeOf } from '@parley/ports/conformance';
import { Emulator } from '@parley/testing/emulators';
import { createCartesia } from './index.js';

const open: { close(): Promise<void> }[] = [];
const emulators: Emulator[] = [];

afterEach(async () => {
  for (const engine of open.splice(0)) await engine.close();
  for (const emulator of emulators.splice(0)) await emulator.stop();
});

const voice = Buffer.alloc(480, 1).toString('base64');

function chunk(id: unknown, data: string): object {
  return { type: 'chunk', context_id: id, data, done: false };
}

/** How many samples are spoken. */
async function speak(engine: TextToSpeech, text = 'good'): Promise<number> {
  let samples = 0;
  const request = { sessionId: 'session', text, language: 'en', sampleRateHz: 24_000 };
  for await (const { pcm } of engine.synthesize(request)) samples += pcm.length;
  return samples;
}

function sent(emulator: Emulator): Record<string, unknown>[] {
  const messages = emulator.requests[0]?.messages ?? [];
  return messages.map(({ data }) => JSON.parse(data.toString()) as Record<string, unknown>);
}

/** An engine whose socket answers a request with these messages. */
async function answering(answers: (id: unknown, text: unknown) => readonly (string | object)[]) {
  const emulator = await Emulator.start({
    rejection: () => undefined,
    onSocket: (socket) => {
      socket.on('message', (data) => {
        const { context_id: id, transcript } = JSON.parse((data as Buffer).toString()) as Record<string, unknown>;
        if (transcript === undefined) return;
        for (const answer of answers(id, transcript))
          socket.send(typeof answer === 'string' ? answer : JSON.stringify(answer));
      });
    },
  });
  emulators.push(emulator);
  const incidents: string[] = [];
  const observe = (incident: string) => incidents.push(incident);
  const engine = createCartesia({ apiKey: 'key', baseUrl: emulator.url, observe, answerTimeoutMs: 1000 });
  open.push(engine);
  return { emulator, engine, incidents };
}

describe('what Cartesia says', () => {
  it('passes over messages that it does not know, and counts them', async () => {
    const { engine, incidents } = await answering((id) => [
      { type: 'phoneme_timestamps', context_id: id, done: false, phoneme_timestamps: {} },
      { ...chunk(id, voice), from: 'the future' },
      { type: 'news' },
      { type: 'timestamps', context_id: id, done: false },
      { type: 'done', context_id: id, done: true },
    ]);
    expect(await speak(engine)).toBe(240);
    expect(incidents).toEqual(['ignored_message', 'ignored_message']);
  });

  it('ends a text with its last chunk, where that says so', async () => {
    const { engine } = await answering((id) => [chunk(id, voice), { ...chunk(id, voice), done: true }]);
    expect(await speak(engine)).toBe(480);
  });

  it.each([
    ['a chunk without voice', (id: unknown) => ({ type: 'chunk', context_id: id, done: false })],
    ['voice that is no base64', (id: unknown) => chunk(id, '%%%%')],
  ])('fails a text over %s, cancels it, and speaks on over the same socket', async (_, broken) => {
    const { emulator, engine } = await answering((id, text) =>
      text === 'bad' ? [broken(id)] : [chunk(id, voice), { type: 'done', context_id: id, done: true }],
    );
    expect(await codeOf(speak(engine, 'bad'))).toBe('engine_protocol');
    expect(await speak(engine)).toBe(240);
    expect(emulator.requests).toHaveLength(1);
    expect(sent(emulator)[1]).toEqual({ context_id: sent(emulator)[0]?.['context_id'], cancel: true });
  });

  it.each([['null'], ['{"type":']])('fails every text over %j, and takes another socket', async (broken) => {
    const { emulator, engine, incidents } = await answering((id, text) =>
      text === 'bad'
        ? [broken]
        : text === 'wait'
          ? []
          : [chunk(id, voice), { type: 'done', context_id: id, done: true }],
    );
    const texts = ['wait', 'bad'].map((text) => codeOf(speak(engine, text)));
    expect(await Promise.all(texts)).toEqual(['engine_protocol', 'engine_protocol']);
    expect(await speak(engine)).toBe(240);
    expect(emulator.requests).toHaveLength(2);
    expect(incidents).toEqual(['reconnected']);
  });

  it.each([
    ['there is no voice', []],
    ['the voice ends within a sample', [Buffer.alloc(481).toString('base64')]],
  ])('is not content when %s', async (_, voices) => {
    const { engine } = await answering((id) => [
      ...voices.map((data) => chunk(id, data)),
      { type: 'done', context_id: id, done: true },
    ]);
    expect(await codeOf(speak(engine))).toBe('engine_protocol');
  });

  it('takes an error of no context for one of every text, and keeps the socket', async () => {
    const { emulator, engine } = await answering((id, text) =>
      text === 'bad'
        ? [{ type: 'error', status_code: 429, done: true }]
        : [chunk(id, voice), { type: 'done', context_id: id, done: true }],
    );
    expect(await codeOf(speak(engine, 'bad'))).toBe('engine_rate_limited');
    expect(await speak(engine)).toBe(240);
    expect(emulator.requests).toHaveLength(1);
  });
});
