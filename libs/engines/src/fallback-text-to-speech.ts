import { nearestRate, openResampler, samplesToMs } from '@parley/audio';
import type { WordTime } from '@parley/contracts';
import { EngineError, type SpeechChunk, type SynthesisRequest, type TextToSpeech } from '@parley/ports';
import type { ChainOptions } from './fallback-speech-to-text.js';
import { engineErrorOf } from './engine-error-of.js';
import { linksToTry, type Link } from './link.js';
import { unspokenOf } from './unspoken.js';
import { warmLinks } from './warm-links.js';

/**
 * A chain of text-to-speech engines that is one: when an engine fails, the next goes on with the first word that was not
 * heard. It promises what its first engine does; voices of others than the first are their own. The engines are not its own:
 * closing it closes none of them.
 */
export class FallbackTextToSpeech implements TextToSpeech {
  readonly name: string;
  readonly capabilities: TextToSpeech['capabilities'];
  private closed = false;

  /** @param links at least one */
  constructor(
    private readonly links: readonly [Link<TextToSpeech>, ...Link<TextToSpeech>[]],
    private readonly options: ChainOptions = {},
  ) {
    this.name = links.map(({ provider }) => provider).join('>');
    this.capabilities = links[0].engine.capabilities;
  }

  async warm(): Promise<void> {
    this.assertOpen();
    await warmLinks(this.links, this.options.observer ?? {});
  }

  async *synthesize(request: SynthesisRequest): AsyncGenerator<SpeechChunk> {
    this.assertOpen();
    this.assertMakes(request);
    const { observer = {}, now = () => performance.now() } = this.options;
    let text = request.text;
    let saidMs = 0;
    let failure: { from: string; error: EngineError; at: number } | undefined;
    for (const link of linksToTry(this.links)) {
      this.assertOpen();
      const spoken = { ms: 0, words: [] as WordTime[] };
      try {
        for await (const chunk of speakWith(link, { ...request, text })) {
          if (spoken.ms === 0) {
            link.health.succeeded();
            observer.onUsage?.({ provider: link.provider, amount: text.length });
            if (failure) {
              const { from, error, at } = failure;
              observer.onFallback?.({ from, to: link.provider, code: error.code, gapMs: now() - at });
            }
          }
          spoken.words.push(...(chunk.words ?? []));
          spoken.ms += samplesToMs(chunk.pcm.length, request.sampleRateHz);
          yield shifted(chunk, saidMs);
        }
        return;
      } catch (thrown) {
        const error = engineErrorOf(thrown);
        if (request.signal?.aborted) throw error;
        link.health.failed(error);
        observer.onFailure?.({ provider: link.provider, code: error.code });
        failure = { from: link.provider, error, at: now() };
        text = unspokenOf(text, spoken);
        saidMs += spoken.ms;
        if (!/[\p{L}\p{N}]/u.test(text)) return;
      }
    }
    throw failure?.error ?? new EngineError('engine_unavailable', 'no engine is left to be tried', true);
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  private assertOpen(): void {
    if (this.closed) throw new EngineError('engine_closed', 'the engine is closed', false);
  }

  /** What the chain does not promise is refused, not left to the next engine. */
  private assertMakes({ voice, sampleRateHz }: SynthesisRequest): void {
    const { voices, sampleRatesHz } = this.capabilities;
    if (voice !== undefined && voices.length > 0 && !voices.includes(voice))
      throw new EngineError('engine_settings', `${this.name} has no voice "${voice}"`, false);
    if (!sampleRatesHz.includes(sampleRateHz))
      throw new EngineError('engine_settings', `${this.name} does not speak at ${sampleRateHz} Hz`, false);
  }
}

/** Speaks with one engine, in the rate that was asked for whatever it makes, and only with a voice that it may have. */
async function* speakWith({ engine }: Link<TextToSpeech>, request: SynthesisRequest): AsyncGenerator<SpeechChunk> {
  const { sampleRatesHz, voices } = engine.capabilities;
  const { voice, ...rest } = request;
  const hasVoice = voice !== undefined && (voices.length === 0 || voices.includes(voice));
  const wanted = { ...rest, ...(hasVoice && { voice }) };
  if (sampleRatesHz.includes(request.sampleRateHz)) {
    yield* engine.synthesize(wanted);
    return;
  }
  const rateHz = nearestRate(sampleRatesHz, request.sampleRateHz);
  const resampler = await openResampler({ inputRateHz: rateHz, outputRateHz: request.sampleRateHz });
  try {
    for await (const { pcm, words } of engine.synthesize({ ...wanted, sampleRateHz: rateHz })) {
      const resampled = resampler.process(pcm);
      if (resampled.length > 0 || words) yield { pcm: resampled, ...(words && { words }) };
    }
    const rest = resampler.flush();
    if (rest.length > 0) yield { pcm: rest };
  } finally {
    resampler.close();
  }
}

function shifted(chunk: SpeechChunk, byMs: number): SpeechChunk {
  if (byMs === 0 || !chunk.words) return chunk;
  return { ...chunk, words: chunk.words.map((word) => ({ ...word, startMs: word.startMs + byMs, endMs: word.endMs + byMs })) }; // prettier-ignore
}
