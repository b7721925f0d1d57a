import { EngineError, type SpeechToText, type SpeechToTextCapabilities, type SpeechToTextOptions } from '@parley/ports';
import { compileOptions, type DeepgramConnectionOptions } from './deepgram-options.js';
import type { FluxStream } from './flux-stream.js';
import type { ListenStreamContext } from './listen-stream.js';
import type { NovaStream } from './nova-stream.js';

/** What is particular to a model. */
export interface ListenEngineOptions extends DeepgramConnectionOptions {
  name: string;
  capabilities: SpeechToTextCapabilities;
  /** Makes a stream that is not open yet. @throws {EngineError} `engine_settings` */
  createStream(context: ListenStreamContext, options: SpeechToTextOptions): NovaStream | FluxStream;
}

/** An engine whose streams are a connection each. */
export function createListenEngine(options: ListenEngineOptions): SpeechToText {
  const { name, capabilities, createStream } = options;
  const compiled = compileOptions(options);
  const streams = new Set<NovaStream | FluxStream>();
  let isClosed = false;
  return {
    name,
    capabilities,
    warm: () => Promise.resolve(),
    async open(request) {
      const { sampleRateHz } = request;
      if (isClosed) throw new EngineError('engine_closed', 'Deepgram: the engine is closed', false);
      if (!capabilities.sampleRatesHz.includes(sampleRateHz))
        throw new EngineError('engine_settings', `Deepgram takes no ${sampleRateHz} Hz here`, false);
      const onOver = () => streams.delete(stream);
      const stream: NovaStream | FluxStream = createStream({ ...compiled, sampleRateHz, onOver }, request);
      streams.add(stream);
      await stream.open();
      return stream;
    },
    async close() {
      isClosed = true;
      await Promise.all([...streams].map((stream) => stream.close()));
    },
  };
}
