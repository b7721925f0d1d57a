import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeWav } from '@parley/audio';
import { EventLog, speechToTextConformance } from '@parley/ports/conformance';
import { createEngine, createPocketsphinx, type Pocketsphinx } from './create-pocketsphinx.js';
import type { DecoderCommand } from './decoder-protocol.js';
import { startDecoderThread, type Decoder } from './decoder-thread.js';
import { findModelFiles } from './model-files.js';

const KEY_TERMS = ['BLT', 'Turkey Club', 'Veggie Wrap', 'Chips', 'Soup', 'Soda', 'Coffee'];
const OPTIONS = { sessionId: 's', sampleRateHz: 16_000, language: 'en', keyTerms: KEY_TERMS };

async function example(name: string): Promise<Int16Array> {
  const file = new URL(`../../../../examples/audio/${name}.wav`, import.meta.url);
  return decodeWav(await readFile(file)).samples;
}

/** The finals of a stream of its own that is given an example at once. */
async function understood(engine: Pocketsphinx, name: string, keyTerms = KEY_TERMS): Promise<string[]> {
  const stream = await engine.open({ ...OPTIONS, keyTerms });
  const log = new EventLog(stream, 20_000);
  stream.write(await example(name));
  stream.flush();
  await log.flushed(1);
  await stream.close();
  return log.finals;
}

speechToTextConformance('pocketsphinx', () => createPocketsphinx(), {
  sampleRateHz: 16_000,
  language: 'en',
  keyTerms: KEY_TERMS,
  first: { pcm: await example('order'), words: ['two', 'turkey', 'clubs', 'soda'] },
  second: { pcm: await example('menu'), words: ['what', 'on', 'menu'] },
});

describe('pocketsphinx', () => {
  let engine: Pocketsphinx;

  beforeAll(async () => {
    engine = createPocketsphinx({ decoders: 1 });
    await engine.warm();
  }, 60_000);

  afterAll(() => engine.close());

  it.each([
    ['menu', 'what is on the menu'],
    ['order', 'i would like two turkey clubs and a soda please'],
    ['add', 'please add some chips and a coffee'],
    ['confirm', 'that is all please confirm my order'],
  ])('transcribes examples/audio/%s.wav word by word', async (name, text) => {
    expect(await understood(engine, name)).toEqual([text]);
  });

  it('hears words that are no key terms, and more than the key terms allow', async () => {
    expect(await understood(engine, 'menu', ['helicopter'])).toEqual(['what is on the menu']);
  });

  it('serves more streams than it has decoders', async () => {
    const pcm = await example('order');
    const logs = await Promise.all(
      [1, 2, 3].map(async () => {
        const stream = await engine.open(OPTIONS);
        const log = new EventLog(stream, 30_000);
        stream.write(pcm);
        stream.flush();
        return log;
      }),
    );
    await Promise.all(logs.map((log) => log.flushed(1)));
    expect(new Set(logs.flatMap((log) => log.finals))).toEqual(
      new Set(['i would like two turkey clubs and a soda please']),
    );
  }, 60_000);

  it('loads a third set of key terms in the place of the oldest', async () => {
    for (const keyTerms of [['soup'], ['chips'], ['coffee'], ['soup']]) {
      expect(await understood(engine, 'menu', keyTerms)).toEqual(['what is on the menu']);
    }
  }, 60_000);

  it('names the key terms that it cannot hear', async () => {
    const stream = await engine.open({ ...OPTIONS, keyTerms: ['Xyzzyplugh'] });
    const log = new EventLog(stream, 20_000);
    stream.write(new Int16Array(1600));
    stream.flush();
    await log.flushed(1);
    expect(engine.stats.ignoredTerms).toContain('Xyzzyplugh');
  });

  it('hears a word by a pronunciation it was given, in the place of one that sounds the same', async () => {
    const taught = createPocketsphinx({ decoders: 1, pronunciations: { menyoo: 'M EH N Y UW' } });
    expect(await understood(taught, 'menu', ['menyoo'])).toEqual(['what is on the menyoo']);
    await taught.close();
  }, 30_000);

  it('fails with engine_missing and what to install when there is no model', async () => {
    const missing = createPocketsphinx({ modelFolder: '/nonexistent' });
    await expect(missing.warm()).rejects.toMatchObject({
      code: 'engine_missing',
      message: expect.stringContaining('apt-get install libpocketsphinx3 pocketsphinx-en-us'),
    });
    await missing.close();
  });

  it.each(['menu', 'zzyzx'])(
    'fails with engine_settings when the library refuses phones for "%s"',
    async (word) => {
      const wrong = createPocketsphinx({ pronunciations: { [word]: 'NO SUCH PHONES' } });
      await expect(wrong.warm()).rejects.toMatchObject({ code: 'engine_settings' });
      await wrong.close();
    },
    30_000,
  );

  it('reports a decoder thread that breaks, and recognises on another', async () => {
    const started: Decoder[] = [];
    const own = createEngine({ decoders: 1 }, async () => {
      const decoder = startDecoderThread(await findModelFiles({}));
      started.push(decoder);
      return decoder;
    });
    const broken = await own.open(OPTIONS);
    const brokenLog = new EventLog(broken, 20_000);
    broken.write(await example('menu'));
    started[0]?.post({ type: 'decode' } as DecoderCommand);
    await brokenLog.until('the error', () => brokenLog.types.includes('error'));
    expect(brokenLog.events.at(-1)).toMatchObject({ error: { code: 'engine_unavailable', retryable: true } });

    expect(await understood(own, 'menu')).toEqual(['what is on the menu']);
    expect(own.stats).toMatchObject({ decoders: 1, lostDecoders: 1 });
    await own.close();
  }, 60_000);
});
