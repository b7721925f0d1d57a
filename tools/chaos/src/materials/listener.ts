import { createPocketsphinx } from '@parley/provider-pocketsphinx';

const RATE_HZ = 16_000;
/** Voice given to the recogniser at a time. */
const CHUNK_SAMPLES = RATE_HZ / 10;

/** Somebody who writes down what a real voice says. */
export interface Listener {
  /** @param pcm mono, 16 kHz */
  transcribe(pcm: Int16Array): Promise<string>;
  close(): Promise<void>;
}

/** @param keyTerms words of the trade, with commas: a small recogniser would otherwise mishear them */
export function createListener(keyTerms: string): Listener {
  const engine = createPocketsphinx({ decoders: 1 });
  const terms = keyTerms.split(',');
  return {
    async transcribe(pcm) {
      const stream = await engine.open({
        sessionId: 'listener',
        sampleRateHz: RATE_HZ,
        language: 'en',
        keyTerms: terms,
      });
      const texts: string[] = [];
      try {
        for (let at = 0; at < pcm.length; at += CHUNK_SAMPLES) stream.write(pcm.subarray(at, at + CHUNK_SAMPLES));
        stream.flush();
        for await (const event of stream.events) {
          if (event.type === 'final') texts.push(event.text);
          if (event.type === 'flushed' || event.type === 'error') break;
        }
      } finally {
        await stream.close();
      }
      return texts.join(' ');
    },
    close: () => engine.close(),
  };
}
