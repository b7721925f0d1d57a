import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { concatPcm, decodeWav, silencePcm } from '@parley/audio';
import { createMetrics } from '@parley/telemetry';
import { createVoiceActivity } from './engines.js';
import { createSttMetrics } from './stt-metrics.js';
import { VoiceGate } from './voice-gate.js';

const MENU = decodeWav(readFileSync(new URL('../../../examples/audio/menu.wav', import.meta.url))).samples;

describe('createVoiceActivity', () => {
  it.each([
    [{ STT_ENGINE: 'pocketsphinx' }, 'silero'],
    [{ STT_ENGINE: 'scripted' }, 'webrtc'],
    [{ STT_ENGINE: 'pocketsphinx', STT_VAD: 'webrtc' }, 'webrtc'],
    [{ STT_ENGINE: 'scripted', STT_VAD: 'silero' }, 'silero'],
  ] as const)('takes for %p the detector %s', async (config, name) => {
    const metrics = createSttMetrics(createMetrics('stt', { processMetrics: false }));
    expect((await createVoiceActivity(config, metrics)).name).toBe(name);
  });

  it('counts the windows that Silero judges and those that are too quiet, and how long they waited', async () => {
    const metrics = createMetrics('stt', { processMetrics: false });
    const source = await createVoiceActivity({ STT_ENGINE: 'pocketsphinx' }, createSttMetrics(metrics));
    await source.warm();
    const call = concatPcm([MENU, silencePcm(1000, 16_000)]);
    const stopped = new Promise((resolve) => {
      const gate = new VoiceGate({ sampleRateHz: 16_000, minSilenceMs: 300 }, source.open({ sampleRateHz: 16_000 }), {
        onSpeechStarted: () => undefined,
        onSpeech: () => undefined,
        onSpeechStopped: (_, durationMs) => resolve(durationMs),
        onHeard: () => undefined,
        onJudgedLate: () => undefined,
      });
      gate.accept(call, 0);
    });
    // 1170 ms between the silence before and after it
    expect(Math.abs(((await stopped) as number) - 1170)).toBeLessThan(100);
    const text = await metrics.text();
    const valueOf = (line: string) => Number(new RegExp(`^${line}\\{.*\\} (\\d+)$`, 'm').exec(text)?.[1]);
    expect(valueOf('parley_stt_voice_windows_total')).toBeGreaterThan(0);
    expect(text).toMatch(/parley_stt_voice_windows_total\{.*outcome="judged".*\} \d+/);
    expect(text).toMatch(/parley_stt_voice_windows_total\{.*outcome="quiet".*\} \d+/);
    expect(valueOf('parley_stt_voice_activity_seconds_count')).toBeGreaterThan(0);
  });

  it('counts the windows that Silero drops when more than two minutes wait', async () => {
    const metrics = createMetrics('stt', { processMetrics: false });
    const source = await createVoiceActivity({ STT_ENGINE: 'pocketsphinx' }, createSttMetrics(metrics));
    await source.warm();
    const detector = source.open({ sampleRateHz: 16_000 });
    const loud = new Int16Array(detector.windowSamples).fill(3000);
    for (let window = 0; window < 3753; window++) detector.accept(loud, () => undefined);
    detector.close();
    expect(await metrics.text()).toMatch(/parley_stt_voice_windows_total\{.*outcome="dropped".*\} 3$/m);
  });
});
