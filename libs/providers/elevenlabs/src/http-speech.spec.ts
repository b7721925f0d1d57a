import { afterEach, describe, expect, it } from '@jest/globals';
import { codeOf } from '@parley/ports/conformance';
import { eventually } from '@parley/testing';
import type { Emulator } from '@parley/testing/emulators';
import { createScriptedTextToSpeech } from '@parley/testing/engines';
import { startSpeaking, stopSpeaking, TEXT, VOICE } from '../spec-support/speaking.js';

afterEach(stopSpeaking);

describe('ElevenLabs text to speech by http', () => {
  it('asks for what is set', async () => {
    const manner = { stability: 0.5, similarity: 0.75, style: 0.1, speed: 1.1, speakerBoost: true };
    const { emulator, speak } = await startSpeaking({ settings: { transport: 'http', ...manner, seed: 7, textNormalization: 'off' } }); // prettier-ignore
    await speak(TEXT, { sampleRateHz: 24_000 });
    const [{ url, headers, body }] = emulator.requests as [Emulator['requests'][number]];
    expect(headers['xi-api-key']).toBe('key');
    expect(url.pathname).toBe(`/v1/text-to-speech/${VOICE}/stream/with-timestamps`);
    expect(Object.fromEntries(url.searchParams)).toEqual({ output_format: 'pcm_24000' });
    expect(JSON.parse(body.toString())).toEqual({
      text: TEXT,
      model_id: 'eleven_flash_v2_5',
      language_code: 'en',
      apply_text_normalization: 'off',
      seed: 7,
      voice_settings: { stability: 0.5, similarity_boost: 0.75, style: 0.1, speed: 1.1, use_speaker_boost: true },
    });
  });

  it('hangs up when it is aborted or left', async () => {
    const voice = createScriptedTextToSpeech({ realTimeFactor: 1 });
    const { emulator, synthesize } = await startSpeaking({ settings: { transport: 'http' }, emulated: { voice } });
    const controller = new AbortController();
    const speaking = synthesize(TEXT, { signal: controller.signal })[Symbol.asyncIterator]();
    await speaking.next();
    expect(emulator.connections).toBe(1);
    controller.abort();
    expect(await codeOf(speaking.next())).toBe('engine_aborted');
    await eventually(() => emulator.connections === 0, { what: 'end of the connection' });
    for await (const chunk of synthesize(TEXT)) if (chunk) break;
    await eventually(() => emulator.connections === 0, { what: 'end of the connection' });
  });

  it('asks once whatever the answer is', async () => {
    const { emulator, speak } = await startSpeaking({ settings: { transport: 'http' } });
    emulator.inject('server_error');
    expect(await codeOf(speak(TEXT))).toBe('engine_unavailable');
    expect(emulator.requests).toHaveLength(1);
  });
});
