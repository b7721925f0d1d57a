import type { JetStreamManager, StreamInfo } from '@nats-io/jetstream';
import type { BusMetrics } from './bus-metrics.js';
import { BusError } from './bus-error.js';
import { pause } from './patience.js';
import { provisionStreams } from './provision.js';
import { wantedStreams, type StreamSettings } from './streams.js';

const RETRY_MS = 500;
const LONGEST_RETRY_MS = 5000;
const LOOK_EVERY_MS = 10_000;
/** A first message that is younger than this share of the stream's age limit shows that room, not age, took the last. */
const AGED_SHARE = 0.9;

/**
 * What the one owner of provisioning does after it: makes streams again that an outage took (those in memory are gone
 * when their server restarts), and counts what full streams remove.
 */
export class StreamKeeper {
  private readonly timer: NodeJS.Timeout;
  private readonly firstSeqs = new Map<string, number>();
  private remaking = false;
  private closed = false;

  constructor(
    private readonly manager: JetStreamManager,
    private readonly settings: StreamSettings,
    private readonly metrics: BusMetrics,
    lookEveryMs = LOOK_EVERY_MS,
  ) {
    this.timer = setInterval(() => void this.look(), lookEveryMs);
    this.timer.unref();
  }

  /**
   * Makes what is missing, again and again until the broker has done it. Never rejects.
   * @returns whether a stream had to be made
   */
  async restore(): Promise<boolean> {
    if (this.remaking) return false;
    this.remaking = true;
    let remade = false;
    for (let waitMs = RETRY_MS; !this.closed; waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS)) {
      try {
        for (const { name, did } of await provisionStreams(this.manager, this.settings)) {
          if (did !== 'created') continue;
          remade = true;
          this.metrics.streamsRemade.inc({ stream: name });
        }
        break;
      } catch (error) {
        const code = error instanceof BusError ? error.code : 'unavailable';
        this.metrics.brokerErrors.inc({ kind: 'media', code });
        // Somebody else has changed the stream: it is there, which is all that is wanted here.
        if (code === 'stream_conflict') break;
        await pause(waitMs);
      }
    }
    this.remaking = false;
    return remade;
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
  }

  /** Counts what was removed for want of room since the last look. Never rejects. */
  async look(): Promise<void> {
    for (const { name } of wantedStreams(this.settings)) {
      // A broker that is away is counted elsewhere, and the next look sees the same.
      const info = await this.manager.streams.info(name).catch(() => undefined);
      if (info) this.judge(name, info);
    }
  }

  private judge(stream: string, { state, config }: StreamInfo): void {
    const last = this.firstSeqs.get(stream);
    this.firstSeqs.set(stream, state.first_seq);
    if (last === undefined || state.first_seq <= last || state.messages === 0) return;
    // A queue and a bucket remove what is done and replaced.
    if (config.retention !== 'limits' || config.max_msgs_per_subject > 0) return;
    const ageMs = Date.now() - Date.parse(String(state.first_ts));
    if (ageMs < (config.max_age / 1e6) * AGED_SHARE) this.metrics.evicted.inc({ stream }, state.first_seq - last);
  }
}
