import { afterEach, describe, expect, it } from '@jest/globals';
import { elevenLabsTextToSpeechSettings } from '@parley/ports';
import { codeOf } from '@parley/ports/conformance';
import { eventually } from '@parley/testing';
import { said, startSpeaking, stopSpeaking, TEXT, VOICE, wordsOf } from '../spec-support/speaking.js';
import { createElevenLabsTextToSpeech } from './create-text-to-speech.js';

afterEach(stopSpeaking);

describe.each(['websocket', 'http'] as const)('ElevenLabs text to speech by %s', (transport) => {
  it('puts the voice together from pieces that end in the middle of a sample, with the times of its words', async () => {
    const { speak } = await startSpeaking({ settings: { transport } });
    const chunks = await speak(TEXT);
    expect(said(chunks)).toBe(TEXT);
    const words = TEXT.split(' ').map((word, n) => ({ word, startMs: expect.closeTo(240 * n, 0), endMs: expect.closeTo(240 * n + 200, 0) })); // prettier-ignore
    expect(wordsOf(chunks)).toEqual(words);
  });

  it('passes over what it does not know', async () => {
    const { speak } = await startSpeaking({ settings: { transport }, emulated: { noise: true } });
    expect(said(await speak(TEXT))).toBe(TEXT);
  });

  it('leaves out what cannot be sent, and keeps letters of every alphabet', async () => {
    const { speak } = await startSpeaking({ settings: { transport } });
    expect(said(await speak('Größe\u0000 “Café”\n☕ 你好 \ud83d'))).toBe('Größe “Café” ☕ 你好');
  });

  it('fails with engine_settings for a voice that the account does not have', async () => {
    const { speak, engine } = await startSpeaking({ settings: { transport } });
    expect(engine.capabilities.voices).toEqual([]);
    expect(await codeOf(speak(TEXT, { voice: 'nobody' }))).toBe('engine_settings');
    expect(said(await speak(TEXT))).toBe(TEXT);
  });

  it.each([{ voice: 'other' }, { language: 'tlh' }, { sampleRateHz: 48_000 }])('refuses %j itself', async (request) => {
    const { emulator, speak } = await startSpeaking({ settings: { transport, voices: [VOICE] } });
    expect(await codeOf(speak(TEXT, request))).toBe('engine_settings');
    expect(emulator.requests).toHaveLength(0);
  });

  it('speaks when the provider is slow to open', async () => {
    const { emulator, speak } = await startSpeaking({ settings: { transport } });
    emulator.connectDelayMs = 1500;
    expect(said(await speak(TEXT))).toBe(TEXT);
  });

  it('fails with engine_auth for a key that is refused', async () => {
    const { speak } = await startSpeaking({ settings: { transport }, emulated: { apiKey: 'another' } });
    expect(await codeOf(speak(TEXT))).toBe('engine_auth');
  });

  it('closes while it waits for the provider', async () => {
    const { emulator, engine, speak } = await startSpeaking({ settings: { transport } });
    emulator.connectDelayMs = 200;
    const speaking = codeOf(speak(TEXT));
    await eventually(() => emulator.requests.length > 0, { what: 'request' });
    await engine.close();
    expect(await speaking).toBe('engine_closed');
  });

  it.each([[{ apiKey: ' ' }], [{ baseUrl: 'host' }]])('refuses to be made with %j', (more) => {
    const settings = elevenLabsTextToSpeechSettings.parse({ transport });
    expect(() => createElevenLabsTextToSpeech({ apiKey: 'key', settings, ...more })).toThrow(
      expect.objectContaining({ code: 'engine_settings' }),
    );
  });
});
