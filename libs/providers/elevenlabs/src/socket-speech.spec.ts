import { afterEach, describe, expect, it } from '@jest/globals';
import { elevenLabsTextToSpeechSettings } from '@parley/ports';
import { codeOf } from '@parley/ports/conformance';
import { eventually } from '@parley/testing';
import type { Emulator } from '@parley/testing/emulators';
import { createScriptedTextToSpeech } from '@parley/testing/engines';
import { said, sentTo, startSpeaking, stopSpeaking, TEXT, VOICE, wordsOf } from '../spec-support/speaking.js';

afterEach(stopSpeaking);

describe('ElevenLabs text to speech by websocket', () => {
  it('opens a connection for a voice and a rate, and sends each text in a context of its own', async () => {
    const manner = { stability: 0.5, similarity: 0.75, style: 0.1, speed: 1.1, speakerBoost: true };
    const { emulator, speak } = await startSpeaking({ settings: { ...manner, seed: 7, textNormalization: 'on', enableLogging: false } }); // prettier-ignore
    await speak(TEXT);
    const [{ url, headers }] = emulator.requests as [Emulator['requests'][number]];
    expect(headers['xi-api-key']).toBe('key');
    expect(url.pathname).toBe(`/v1/text-to-speech/${VOICE}/multi-stream-input`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      model_id: 'eleven_flash_v2_5',
      output_format: 'pcm_16000',
      auto_mode: 'true',
      sync_alignment: 'true',
      inactivity_timeout: '180',
      language_code: 'en',
      apply_text_normalization: 'on',
      seed: '7',
      enable_logging: 'false',
    });
    const settings = { stability: 0.5, similarity_boost: 0.75, style: 0.1, speed: 1.1, use_speaker_boost: true };
    expect(sentTo(emulator)).toEqual([
      { text: ' ', context_id: 'text-1', voice_settings: settings },
      { text: `${TEXT} `, context_id: 'text-1', flush: true },
      { context_id: 'text-1', close_context: true },
    ]);
  });

  it.each([
    ['eleven_multilingual_v2', {}, null],
    ['eleven_turbo_v2_5', { language: 'de' }, 'de'],
  ])('tells %s the language %j if it takes one', async (model, more, code) => {
    const { emulator, speak } = await startSpeaking({ settings: { model, ...more } });
    await speak(TEXT);
    expect(emulator.requests[0]?.url.searchParams.get('language_code')).toBe(code);
  });

  it.each(['camel', 'chars', 'snake'] as const)('reads times that are spelled in the manner %s', async (spelling) => {
    const { speak } = await startSpeaking({ emulated: { spelling } });
    expect(wordsOf(await speak(TEXT)).map(({ word }) => word)).toEqual(TEXT.split(' '));
  });

  it('speaks five texts on a connection, and opens another for the sixth', async () => {
    const { emulator, engine, speak } = await startSpeaking();
    await engine.warm();
    const texts = ['One.', 'Two.', 'Three.', 'Four.', 'Five.', 'Six.'];
    const spoken = await Promise.all(texts.map((text) => speak(text)));
    expect(spoken.map(said)).toEqual(texts);
    expect(emulator.requests.map(({ messages }) => messages.length)).toEqual([15, 3]);
    await Promise.all(texts.slice(1).map((text) => speak(text)));
    expect(emulator.requests).toHaveLength(2);
  });

  it('refuses more texts than its connections take, and lets an idle one go for another voice', async () => {
    const { emulator, speak } = await startSpeaking({ settings: { maxConnections: 1 } });
    const codes = await Promise.all(Array.from({ length: 6 }, () => codeOf(speak(TEXT))));
    expect(codes.toSorted()).toEqual(['engine_busy', ...Array.from({ length: 5 }, () => 'resolved')]);
    expect(said(await speak(TEXT, { voice: 'scripted-2' }))).toBe(TEXT);
    expect(emulator.requests).toHaveLength(2);
    await eventually(() => emulator.connections === 1, { what: 'end of the first connection' });
  });

  it('has a connection ready when it is warm', async () => {
    const { emulator, engine, speak } = await startSpeaking();
    await engine.warm();
    expect(emulator.requests).toHaveLength(1);
    await speak(TEXT);
    expect(emulator.requests).toHaveLength(1);
  });

  it('is warm although the provider is away for a moment, but not with a key that is refused', async () => {
    const { emulator, engine, speak } = await startSpeaking();
    emulator.inject('server_error', 1);
    await engine.warm();
    emulator.inject('auth', 1);
    expect(await codeOf(engine.warm())).toBe('engine_auth');
    expect(said(await speak(TEXT))).toBe(TEXT);
  });

  it('closes the context when it is aborted before the voice, and speaks on with the connection', async () => {
    const voice = createScriptedTextToSpeech({ firstAudioMs: 100_000 });
    const { emulator, engine, speak } = await startSpeaking({ emulated: { voice } });
    await engine.warm();
    const controller = new AbortController();
    const speaking = codeOf(speak(TEXT, { signal: controller.signal }));
    await eventually(() => sentTo(emulator).length === 2, { what: 'text' });
    controller.abort();
    expect(await speaking).toBe('engine_aborted');
    await eventually(() => sentTo(emulator).length === 3, { what: 'end of the context' });
    expect(sentTo(emulator).at(-1)).toEqual({ context_id: 'text-1', close_context: true });
  });

  it('throws away what still comes for a text that was aborted, and not what comes for others', async () => {
    const { emulator, incidents, synthesize, speak } = await startSpeaking();
    const controller = new AbortController();
    const speaking = synthesize('Nobody wants to hear all of this.', { signal: controller.signal })[
      Symbol.asyncIterator
    ]();
    await speaking.next();
    controller.abort();
    const spoken = await speak(TEXT);
    expect(await codeOf(speaking.next())).toBe('engine_aborted');
    expect(said(spoken)).toBe(TEXT);
    expect(incidents).toContain('late');
    expect(emulator.requests).toHaveLength(1);
  });

  it('frees the place of a text that was left', async () => {
    const { emulator, synthesize, speak } = await startSpeaking({ settings: { maxConnections: 1 } });
    for (let n = 0; n < 5; n++) {
      for await (const chunk of synthesize(TEXT)) {
        expect(chunk.pcm.length).toBeGreaterThan(0);
        break;
      }
    }
    await eventually(async () => (await codeOf(speak(TEXT))) === 'resolved', { what: 'place' });
    expect(emulator.requests).toHaveLength(1);
  });

  it('opens another connection after the provider has closed an idle one', async () => {
    const { emulator, incidents, speak } = await startSpeaking({ emulated: { secondMs: 5 } });
    await speak(TEXT);
    await eventually(() => emulator.connections === 0, { what: 'end of the idle connection' });
    expect(incidents).toEqual([]);
    expect(said(await speak(TEXT))).toBe(TEXT);
    expect(emulator.requests).toHaveLength(2);
    expect(incidents).toEqual(['reconnected']);
  });

  it('keeps an idle connection alive, which then has place for four', async () => {
    const { emulator, engine, speak } = await startSpeaking({ emulated: { secondMs: 5 }, engine: { keepAliveMs: 50 } });
    await engine.warm();
    await eventually(() => sentTo(emulator).length >= 25, { what: 'messages for longer than it may be silent' });
    expect(sentTo(emulator).every((message) => message.text === '')).toBe(true);
    const spoken = await Promise.all(Array.from({ length: 5 }, () => speak(TEXT)));
    expect(spoken.map(said)).toEqual(Array.from({ length: 5 }, () => TEXT));
    expect(emulator.requests).toHaveLength(2);
  });

  it('asks again, once, when a kept connection is closed just as it is used', async () => {
    const { emulator, engine, incidents, speak } = await startSpeaking();
    emulator.inject('closed_early', 1);
    await engine.warm();
    expect(said(await speak(TEXT))).toBe(TEXT);
    expect(incidents).toEqual(['retried', 'reconnected']);
    expect(emulator.requests).toHaveLength(2);
  });

  it('does not take the connection again on which nothing came', async () => {
    const { emulator, speak } = await startSpeaking({ engine: { answerTimeoutMs: 300 } });
    emulator.inject('silent', 1);
    expect(await codeOf(speak(TEXT))).toBe('engine_timeout');
    expect(said(await speak(TEXT))).toBe(TEXT);
    expect(emulator.requests).toHaveLength(2);
    await eventually(() => emulator.connections === 1, { what: 'end of the silent connection' });
  });

  it('does not take eleven_v3', () => {
    const model = 'eleven_v3';
    expect(elevenLabsTextToSpeechSettings.safeParse({ model }).success).toBe(false);
    expect(elevenLabsTextToSpeechSettings.safeParse({ model, transport: 'http' }).success).toBe(true);
  });
});
