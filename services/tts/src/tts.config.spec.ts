import { describe, expect, it } from '@jest/globals';
import { loadTtsConfig } from './tts.config.js';

describe('loadTtsConfig', () => {
  it('has a default for everything and is frozen', () => {
    const config = loadTtsConfig({ TTS_VOICE: '' });
    expect(config).toMatchObject({ PORT: 8083, CAPACITY: 200, TTS_ENGINE: 'flite', TTS_MAX_LEAD_MS: 20_000 });
    expect(config.TTS_VOICE).toBeUndefined();
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('names every bad variable at once', () => {
    const bad = { CAPACITY: '0', PORT: 'x', TTS_ENGINE: 'mouth', TTS_MAX_LEAD_MS: '-1', SCRIPTED_TTS_FIRST_AUDIO_MS: 'soon' }; // prettier-ignore
    expect(() => loadTtsConfig(bad)).toThrow(
      expect.objectContaining({
        code: 'config_invalid',
        problems: Object.keys(bad).map((name) => expect.objectContaining({ name })),
      }),
    );
  });
});
