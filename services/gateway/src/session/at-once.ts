/** Does a few pieces of work at a time, in the order in which they were given: the first are done while others wait. */
export class AtOnce {
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(private readonly limit: number) {}

  /** Resolves or rejects as the work does, when it is its turn. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.limit) this.#running++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      // Whoever waits has the place at once, before anybody else can take it.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
