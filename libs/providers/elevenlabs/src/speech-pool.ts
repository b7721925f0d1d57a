import { EngineError, type ProviderObserver } from '@parley/ports';
import { closedError, PROVIDER } from './service.js';
import { MAX_CONTEXTS, SpeechSocket, type SpeechSocketOptions } from './speech-socket.js';

/** What a pool is made with. */
export interface SpeechPoolOptions {
  maxConnections: number;
  keepAliveMs: number;
  observe: ProviderObserver;
  /** What all connections are made with. */
  connection: Omit<SpeechSocketOptions, 'url' | 'sampleRateHz' | 'onGone'>;
}

/**
 * Connections by their address, which says voice, model and rate. One of each that was used is kept alive, and replaced
 * when it is asked for again and gone. Full, it refuses texts with `engine_busy`.
 */
export class SpeechPool {
  /** By address. */
  readonly #sockets = new Map<string, SpeechSocket[]>();
  /** Addresses whose connection was lost. */
  readonly #lost = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  #isClosed = false;

  constructor(private readonly options: SpeechPoolOptions) {
    this.#timer = setInterval(() => this.#keepAlive(), options.keepAliveMs);
    this.#timer.unref();
  }

  /**
   * Keeps a place for a text, on a connection that may still be opening.
   * @throws {EngineError} `engine_busy`, `engine_closed`
   */
  reserve(url: URL, sampleRateHz: number): SpeechSocket {
    if (this.#isClosed) throw closedError();
    const address = url.href;
    const socket = this.#at(address).find(({ room }) => room > 0) ?? this.#connect(url, sampleRateHz);
    socket.reserve();
    return socket;
  }

  /** Ends all connections, and what is spoken on them. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    const all = [...this.#sockets.values()].flat();
    this.#sockets.clear();
    await Promise.all(all.map((socket) => socket.close()));
  }

  #connect(url: URL, sampleRateHz: number): SpeechSocket {
    this.#makeRoom();
    const address = url.href;
    if (this.#lost.delete(address)) this.options.observe('reconnected');
    const socket = new SpeechSocket({
      ...this.options.connection,
      url,
      sampleRateHz,
      onGone: (gone, isLost) => {
        this.#forget(address, gone);
        if (isLost) this.#lost.add(address);
      },
    });
    this.#sockets.set(address, [...this.#at(address), socket]);
    return socket;
  }

  /** Lets an idle connection of another address go when there are too many. */
  #makeRoom(): void {
    const all = [...this.#sockets].flatMap(([address, sockets]) => sockets.map((socket) => ({ address, socket })));
    if (all.length < this.options.maxConnections) return;
    const idle = all.find(({ socket }) => socket.isIdle);
    if (!idle) {
      const texts = all.length * MAX_CONTEXTS;
      throw new EngineError('engine_busy', `${PROVIDER}: ${texts} texts are spoken at a time, and no more`, true);
    }
    this.#drop(idle.address, idle.socket);
  }

  #keepAlive(): void {
    for (const [address, sockets] of this.#sockets) {
      const [first, ...others] = sockets.filter(({ isIdle, isOpen }) => isIdle && isOpen);
      first?.keepAlive();
      for (const socket of others) this.#drop(address, socket);
    }
  }

  #drop(address: string, socket: SpeechSocket): void {
    this.#forget(address, socket);
    void socket.close();
  }

  #forget(address: string, socket: SpeechSocket): void {
    const rest = this.#at(address).filter((each) => each !== socket);
    if (rest.length > 0) this.#sockets.set(address, rest);
    else this.#sockets.delete(address);
  }

  #at(address: string): readonly SpeechSocket[] {
    return this.#sockets.get(address) ?? [];
  }
}
