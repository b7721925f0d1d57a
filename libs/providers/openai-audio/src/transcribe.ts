import { encodeWav } from '@parley/audio';
import { EngineError, type OpenAiTranscriptionSettings, type ProviderObserver } from '@parley/ports';
import type { OpenAiClient } from './open-ai-client.js';
import type { RequestWatch } from './request-watch.js';

/** OpenAI refuses what is shorter, in ms. */
const MIN_AUDIO_MS = 100;

/** How the utterances of a session are transcribed. */
export interface TranscriptionContext extends OpenAiClient {
  settings: OpenAiTranscriptionSettings;
  sampleRateHz: number;
  /** ISO 639-1, or what else the server understands; it is found out when absent. */
  language: string | undefined;
  keyTerms: readonly string[];
  observe: ProviderObserver;
}

/**
 * Transcribes one utterance.
 * @param onText is told the text so far, where it comes piece by piece
 * @returns the transcript; empty when there is none
 * @throws whatever the client throws, and `engine_protocol`
 */
export async function transcribe(
  context: TranscriptionContext,
  pcm: Int16Array,
  watch: RequestWatch,
  onText: (text: string) => void,
): Promise<string> {
  const { client, settings, beginTimeoutMs, partTimeoutMs, observe } = context;
  const { signal } = watch;
  watch.expect(beginTimeoutMs);
  if (!settings.stream) return textOf(await client.audio.transcriptions.create(bodyOf(context, pcm), { signal }));

  const answer = client.audio.transcriptions.create({ ...bodyOf(context, pcm), stream: true }, { signal });
  const { data: events, response } = await answer.withResponse();
  watch.expect(partTimeoutMs);
  // Models and servers that cannot stream answer as if they had not been asked to.
  if (!/event-stream/i.test(response.headers.get('content-type') ?? '')) return textOf(await response.json());
  let text = '';
  for await (const event of events as AsyncIterable<{ type?: unknown; delta?: unknown; text?: unknown }>) {
    watch.expect(partTimeoutMs);
    if (event.type === 'transcript.text.done') return textOf(event);
    if (event.type === 'transcript.text.delta' && typeof event.delta === 'string') onText((text += event.delta).trim());
    else observe('ignored_message');
  }
  throw new EngineError('engine_protocol', 'OpenAI: the transcript ended before it was complete', true);
}

function bodyOf({ settings, sampleRateHz, language, keyTerms }: TranscriptionContext, pcm: Int16Array) {
  const { model, temperature } = settings;
  const prompt = [settings.prompt, keyTerms.join(', ')].filter(Boolean).join(' ');
  return {
    file: wavOf(pcm, sampleRateHz),
    model,
    language,
    temperature,
    response_format: 'json' as const,
    ...(prompt !== '' && { prompt }),
  };
}

function wavOf(pcm: Int16Array, sampleRateHz: number): File {
  const samples = new Int16Array(Math.max(pcm.length, Math.ceil((MIN_AUDIO_MS * sampleRateHz) / 1000)));
  samples.set(pcm);
  const wav = encodeWav({ sampleRateHz, samples }) as Uint8Array<ArrayBuffer>;
  return new File([wav], 'speech.wav', { type: 'audio/wav' });
}

function textOf(answer: unknown): string {
  const text = typeof answer === 'object' && answer !== null ? (answer as { text?: unknown }).text : undefined;
  if (typeof text !== 'string') throw new EngineError('engine_protocol', 'OpenAI: the answer has no transcript', true);
  return text.trim();
}
