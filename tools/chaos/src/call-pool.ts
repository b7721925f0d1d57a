import { setTimeout as sleep } from 'node:timers/promises';
import { connectParley } from '@parley/client';
import type { CallRecord } from './call-record.js';
import type { CallMaterial } from './call-material.js';
import { Caller } from './caller.js';
import { CallerLine, type LineTarget } from './caller-line.js';

/** How calls are kept up. */
export interface CallPoolOptions {
  calls: number;
  seed: number;
  gateways: readonly LineTarget[];
  nowMs(): number;
  material: CallMaterial;
  /** Told of each call that had a session, when it is over. The record's voice may be forgotten afterwards. */
  onFinished(record: CallRecord): Promise<void>;
}

const RETRY_MS = 500;

/** Keeps a number of calls up: when one is over the next begins, until it is stopped. */
export class CallPool {
  /** Sessions that could not be opened, by code. */
  readonly refused: Record<string, number> = {};
  private readonly up = new Set<Caller>();
  private lastCall = 0;
  private stopping = false;

  constructor(private readonly options: CallPoolOptions) {}

  /** The calls that are up. */
  get callers(): readonly Caller[] {
    return [...this.up];
  }

  /** Keeps calls up until {@link CallPool.stop}; resolves when the last of them is over. */
  async run(): Promise<void> {
    const { calls } = this.options;
    await Promise.all(
      Array.from({ length: calls }, async (_, index) => {
        // Calls that all began at once would say their turns in step.
        await sleep((index * 2000) / calls);
        while (!this.stopping) await this.callOnce();
      }),
    );
  }

  /** Lets the calls that are up come to their end, and begins no more. */
  stop(): void {
    this.stopping = true;
  }

  private async callOnce(): Promise<void> {
    const { seed, gateways, nowMs, material, onFinished } = this.options;
    const call = ++this.lastCall;
    const first = call % gateways.length;
    const line = new CallerLine([...gateways.slice(first), ...gateways.slice(0, first)], nowMs);
    const caller = new Caller({
      call,
      script: material.script(seed, call),
      line,
      connect: connectParley,
      nowMs,
      material,
    });
    this.up.add(caller);
    const record = await caller.run().catch((error: unknown) => this.refuse(error));
    this.up.delete(caller);
    line.cut();
    // What goes wrong in checking a call must end the run: a call that was not checked is not one that held.
    if (record) await onFinished(record);
    else await sleep(RETRY_MS);
  }

  private refuse(error: unknown): undefined {
    const code = (error as { code?: string }).code ?? 'internal';
    this.refused[code] = (this.refused[code] ?? 0) + 1;
  }
}
