import { openResampler } from '@parley/audio';
import type { SpeechChunk, SynthesisRequest, TextToSpeech } from '@parley/ports';

/**
 * Speaks for an emulated provider, in any rate: what the engine cannot make is resampled. A voice that the engine does
 * not have is its first one.
 * @throws {EngineError} whatever the engine throws
 */
export async function* emulatedVoice(
  engine: TextToSpeech,
  request: Omit<SynthesisRequest, 'sessionId'>,
): AsyncGenerator<SpeechChunk, void, undefined> {
  const { sampleRatesHz, voices } = engine.capabilities;
  const isMade = sampleRatesHz.includes(request.sampleRateHz);
  const engineRateHz = isMade ? request.sampleRateHz : (sampleRatesHz[0] ?? request.sampleRateHz);
  const voice = voices.find((each) => each === request.voice);
  const resampler = await openResampler({ inputRateHz: engineRateHz, outputRateHz: request.sampleRateHz });
  try {
    const wanted = { ...request, sessionId: 'emulator', sampleRateHz: engineRateHz, voice };
    for await (const { pcm, words } of engine.synthesize(wanted)) yield { pcm: resampler.process(pcm), words };
    const rest = resampler.flush();
    if (rest.length > 0) yield { pcm: rest };
  } finally {
    resampler.close();
  }
}
