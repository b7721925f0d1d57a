import { EngineError, type SpeechToText, type SpeechToTextOptions, type SpeechToTextStream } from '@parley/ports';
import type { ChainObserver } from './chain-observer.js';
import { FallbackSpeechToTextStream } from './fallback-speech-to-text-stream.js';
import type { Link } from './link.js';
import { warmLinks } from './warm-links.js';

/** How a chain behaves. */
export interface ChainOptions {
  observer?: ChainObserver;
  /** How long a failure in the middle of a stream may take to be mended, in ms. @defaultValue 8000 */
  recoverMs?: number;
  now?: () => number;
}

/**
 * A chain of speech-to-text engines that is one: its streams go on with the next engine when one fails. It promises what
 * its first engine does; an end of turn that a later one does not find is found by silence. The engines are not its
 * own: closing it closes none of them.
 */
export class FallbackSpeechToText implements SpeechToText {
  readonly name: string;
  readonly capabilities: SpeechToText['capabilities'];
  private readonly streams = new Set<SpeechToTextStream>();
  private closed = false;

  /** @param links at least one */
  constructor(
    private readonly links: readonly [Link<SpeechToText>, ...Link<SpeechToText>[]],
    private readonly options: ChainOptions = {},
  ) {
    this.name = links.map(({ provider }) => provider).join('>');
    const { sampleRatesHz, ...capabilities } = links[0].engine.capabilities;
    const isCommon = (rateHz: number) =>
      links.every(({ engine }) => engine.capabilities.sampleRatesHz.includes(rateHz));
    const { maxStreamMs: _, ...promised } = capabilities;
    this.capabilities = { ...promised, sampleRatesHz: sampleRatesHz.filter(isCommon) };
  }

  async warm(): Promise<void> {
    await warmLinks(this.links, this.options.observer ?? {});
  }

  async open(options: SpeechToTextOptions): Promise<SpeechToTextStream> {
    if (this.closed) throw new EngineError('engine_closed', 'the engine is closed', false);
    if (!this.capabilities.sampleRatesHz.includes(options.sampleRateHz))
      throw new EngineError('engine_settings', `${this.name} does not take ${options.sampleRateHz} Hz`, false);
    const { observer = {}, recoverMs = 8000, now = () => performance.now() } = this.options;
    const { feed, endOfTurn: endsTurns } = this.capabilities;
    const { endOfTurn, ...rest } = options;
    const onClose = (closed: SpeechToTextStream) => this.streams.delete(closed);
    const promised = endsTurns && endOfTurn ? { ...rest, endOfTurn } : rest;
    const parts = { links: this.links, options: promised, feed, observer, recoverMs, now, onClose };
    const stream = await FallbackSpeechToTextStream.open(parts);
    this.streams.add(stream);
    if (this.closed) await stream.close();
    return stream;
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.streams].map((stream) => stream.close()));
  }
}
