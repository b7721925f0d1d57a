import type { SpeechChunk, SynthesisRequest, TextToSpeech } from '@parley/ports';

/** How a {@link ControlledVoice} speaks one text. */
export type Speak = (request: SynthesisRequest) => AsyncIterable<SpeechChunk>;

/** An engine that speaks as the test says, and notes what it was asked. */
export class ControlledVoice implements TextToSpeech {
  readonly name = 'controlled';
  readonly requests: SynthesisRequest[] = [];
  readonly capabilities;

  constructor(
    private readonly speak: Speak,
    sampleRatesHz: readonly number[] = [16_000],
  ) {
    this.capabilities = {
      streaming: true,
      alignment: false,
      sampleRatesHz,
      voices: ['one', 'two', 'three'],
      languages: ['en'],
    };
  }

  /** The texts it was asked to speak. */
  get texts(): string[] {
    return this.requests.map(({ text }) => text);
  }

  warm(): Promise<void> {
    return Promise.resolve();
  }

  synthesize(request: SynthesisRequest): AsyncIterable<SpeechChunk> {
    this.requests.push(request);
    return this.speak(request);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Voice at 16 kHz that lasts so long. */
export const chunk = (durationMs: number): SpeechChunk => ({ pcm: new Int16Array(durationMs * 16).fill(7) });

/** Speaks each text as 100 ms of voice at once. */
export const briefly: Speak = async function* () {
  yield chunk(100);
};

/** Lets an engine take its time. */
export const wait = (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, delayMs));
