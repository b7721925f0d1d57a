import { EngineError, type SpeechToText, type SpeechToTextOptions, type SpeechToTextStream } from '@parley/ports';
import { createScriptedSpeechToText, type ScriptedSpeechToTextOptions } from '@parley/testing/engines';
import { TranscriptQueue } from '@parley/provider-kit';
import { CircuitBreaker } from '../src/circuit-breaker.js';
import type { Link } from '../src/link.js';

/** A scripted engine whose streams can be broken, and that can refuse to open any. */
export class BreakableEngine {
  /** What its streams were opened with. */
  readonly opened: SpeechToTextOptions[] = [];
  /** Thrown by the next openings. */
  refusal: EngineError | undefined;
  /** Nothing its streams say is passed on. */
  isMute = false;
  /** Samples that its streams were given. */
  samples = 0;
  readonly link: Link<SpeechToText>;
  private readonly scripted: SpeechToText;
  private readonly open = new Set<TranscriptQueue>();

  constructor(
    provider: string,
    options: ScriptedSpeechToTextOptions = {},
    private readonly more: Partial<SpeechToText['capabilities']> = {},
    breaker = new CircuitBreaker(),
  ) {
    this.scripted = createScriptedSpeechToText({ latencyMs: 5, ...options });
    const engine: SpeechToText = {
      name: provider,
      capabilities: { ...this.scripted.capabilities, ...this.more },
      warm: () => Promise.resolve(),
      open: (wanted) => this.openStream(wanted),
      close: () => this.scripted.close(),
    };
    this.link = { provider, engine, health: breaker };
  }

  /** Breaks every stream that is open. */
  break(code: EngineError['code'] = 'engine_unavailable'): void {
    for (const queue of this.open)
      queue.end({ type: 'error', error: new EngineError(code, 'broken by the test', true) });
    this.open.clear();
  }

  private async openStream(options: SpeechToTextOptions): Promise<SpeechToTextStream> {
    this.opened.push(options);
    if (this.refusal) throw this.refusal;
    const inner = await this.scripted.open(options);
    const queue = new TranscriptQueue(() => undefined);
    this.open.add(queue);
    void (async () => {
      for await (const event of inner.events) if (!this.isMute) queue.push(event);
      queue.end();
    })();
    return {
      write: (pcm) => {
        this.samples += pcm.length;
        return inner.write(pcm);
      },
      flush: () => inner.flush(),
      reset: () => inner.reset(),
      events: queue,
      close: async () => {
        this.open.delete(queue);
        queue.end();
        await inner.close();
      },
    };
  }
}
