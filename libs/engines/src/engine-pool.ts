import type { ProviderChoice } from '@parley/contracts';
import { CircuitBreaker } from './circuit-breaker.js';
import type { Link } from './link.js';
import type { ProviderMetrics } from './provider-metrics.js';

/** What is common to engines. */
export interface PooledEngine {
  warm(): Promise<void>;
  close(): Promise<void>;
}

/** How a pool makes what it gives out. */
export interface EnginePoolOptions<Engine> {
  /** The stage's own chain: for agents that name none, and for those of whose providers none is there. */
  chain: readonly ProviderChoice[];
  /** Makes an engine; undefined for a provider that this process cannot use, because it has no key for one. */
  create(choice: ProviderChoice): Engine | undefined;
  /** Makes one engine of several. */
  join(links: [Link<Engine>, ...Link<Engine>[]]): Engine;
  metrics: Pick<ProviderMetrics, 'circuit'>;
  /** A provider that an agent names is not there. */
  onMissing?(provider: string): void;
}

/**
 * The engines of a replica. One of each provider and its settings, whoever asks for it, so that connections and circuit
 * breakers are shared by all sessions.
 */
export class EnginePool<Engine extends PooledEngine> {
  private readonly links = new Map<string, Link<Engine> | undefined>();
  private readonly breakers = new Map<string, CircuitBreaker>();
  private readonly chains = new Map<string, Engine>();
  private readonly ownChain: Engine;

  constructor(private readonly options: EnginePoolOptions<Engine>) {
    this.ownChain = this.make(options.chain) as Engine;
  }

  /** The engine for the providers that an agent names. */
  for(chain: readonly ProviderChoice[] | undefined): Engine {
    if (!chain) return this.ownChain;
    const key = JSON.stringify(chain);
    const known = this.chains.get(key);
    if (known) return known;
    const made = this.make(chain) ?? this.ownChain;
    this.chains.set(key, made);
    return made;
  }

  warm(): Promise<void> {
    return this.ownChain.warm();
  }

  async close(): Promise<void> {
    await Promise.all([...this.links.values()].map((link) => link?.engine.close()));
    await this.ownChain.close();
  }

  private make(chain: readonly ProviderChoice[]): Engine | undefined {
    const links = chain.flatMap((choice) => this.link(choice) ?? []);
    const [first, ...others] = links;
    return first && this.options.join([first, ...others]);
  }

  private link(choice: ProviderChoice): Link<Engine> | undefined {
    const { provider } = choice;
    const key = JSON.stringify([provider, choice.settings]);
    if (!this.links.has(key)) {
      const engine = this.options.create(choice);
      this.links.set(key, engine && { provider, engine, health: this.breakerOf(provider) });
    }
    const link = this.links.get(key);
    if (!link) this.options.onMissing?.(provider);
    return link;
  }

  private breakerOf(provider: string): CircuitBreaker {
    const known = this.breakers.get(provider);
    if (known) return known;
    const onChange = (isOpen: boolean) => this.options.metrics.circuit(provider, isOpen);
    const breaker = new CircuitBreaker({ onChange });
    this.breakers.set(provider, breaker);
    return breaker;
  }
}
