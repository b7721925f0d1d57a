import { describe, expect, it } from '@jest/globals';
import { loadSttConfig } from './stt.config.js';

describe('loadSttConfig', () => {
  it('has a default for everything and is frozen', () => {
    const config = loadSttConfig({});
    expect(config).toMatchObject({
      PORT: 8081,
      CAPACITY: 200,
      STT_ENGINE: 'pocketsphinx',
      STT_KEY_TERMS: '',
      UTTERANCE_SILENCE_MS: 300,
      FINAL_TIMEOUT_MS: 8000,
    });
    expect(config.STT_DECODERS).toBeUndefined();
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('names every bad variable at once', () => {
    const bad = { PORT: '70000', STT_ENGINE: 'ears', STT_VAD: 'nose', STT_DECODERS: '0', UTTERANCE_SILENCE_MS: '-1', FINAL_TIMEOUT_MS: '1.5', SCRIPTED_STT_LATENCY_MS: '-1', SCRIPTED_STT_ENDS_TURNS: 'perhaps' }; // prettier-ignore
    expect(() => loadSttConfig(bad)).toThrow(
      expect.objectContaining({
        code: 'config_invalid',
        problems: Object.keys(bad).map((name) => expect.objectContaining({ name })),
      }),
    );
  });
});
