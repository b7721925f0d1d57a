import type { SessionFeed } from '@parley/bus';
import type { AudioFrame, Mode, ParleyEvent } from '@parley/contracts';
import type { PlayoutPlace } from '../playout/playout-place.js';
import type { PlayoutSink } from '../playout/playout-sink.js';
import { Playout } from '../playout/playout.js';
import type { BusFailures } from './bus-failures.js';
import { isHeard, type CallerMode } from './caller-mode.js';
import type { GatewayParts } from './gateway-parts.js';
import { playReplyEvent } from './reply-events.js';
import type { ResumedPlayout } from './resumed-playout.js';
import { VOICE_SAMPLE_RATE_HZ, type SessionSettings } from './session-settings.js';
import { SpeechPause } from './speech-pause.js';

/**
 * The agent's voice in a session: its playout, paused while the caller speaks, and ticked by the process's playout clock.
 * A session whose caller only reads has none until it is told to {@link AgentVoice.listen}.
 */
export class AgentVoice {
  #playout: Playout | undefined;
  #pause: SpeechPause | undefined;
  #newestReply = 0;
  #policy: ParleyEvent | undefined;
  /** Follows the voice where the session's own feed does not. */
  #feed: SessionFeed | undefined;
  /** Nothing more is played. */
  #isStill = false;

  /** @param isFollowed the session's own feed brings the voice, whatever the mode */
  constructor(
    private readonly parts: Pick<GatewayParts, 'bus' | 'clock' | 'config' | 'metrics' | 'playoutClock'>,
    private readonly settings: SessionSettings,
    private readonly sink: PlayoutSink,
    private readonly failures: BusFailures,
    private readonly mode: Pick<CallerMode, 'voiceOut'>,
    private readonly isFollowed: boolean,
  ) {
    if (settings.offered.includes('tts')) this.#start();
  }

  /** Voice that waits to be sent. */
  get bufferedMs(): number {
    return this.#playout?.bufferedMs ?? 0;
  }

  /** Nothing of a reply will be played any more. */
  isOver(reply: number): boolean {
    return this.#playout?.isOver(reply) ?? true;
  }

  /** Goes on where another gateway left off. @param servedMs voice that the caller has had of it beyond that */
  resume({ state, unreported }: ResumedPlayout, servedMs: number): void {
    for (const end of unreported) this.sink.ended(end);
    // What a caller who reads now had begun to hear is shown when the log tells of it again.
    this.#playout?.resume(this.mode.voiceOut ? state : { over: state.over }, servedMs);
  }

  /** Gets ready for voice, before anybody is asked to speak. */
  async listen(): Promise<void> {
    if (this.#playout) return;
    if (!this.isFollowed) {
      const { sessionId } = this.settings;
      const onFrame = (frame: AudioFrame) => this.frame(frame);
      const onLost = ({ count }: { count: number }) => this.failures.lost(count);
      const options = { sessionId, kinds: [], audio: 'out', onEvent: () => undefined, onFrame, onLost } as const;
      const feed = await this.parts.bus.feed(options);
      if (this.#isStill) return feed.close();
      this.#feed = feed;
    }
    this.#start().startBehind(this.#newestReply);
  }

  /** The session is in this mode from here on: a caller who only reads is shown what was to be heard. */
  become(mode: Mode): void {
    if (!isHeard(mode)) this.#playout?.showAll();
  }

  /**
   * Takes any event of the session.
   * @param isReplayed it comes from the log and may be old
   */
  event(event: ParleyEvent, isReplayed: boolean): void {
    if (event.type === 'reply.started') this.#newestReply = event.reply;
    if (event.type === 'session.policy') this.#policy = event;
    const goesOn = this.#pause?.event(event, isReplayed);
    if (this.#playout && (playReplyEvent(this.#playout, event, this.mode.voiceOut) || goesOn)) this.watch();
  }

  /** Takes a frame of the voice. */
  frame(frame: AudioFrame): void {
    if (!this.#playout || this.#isStill || !this.mode.voiceOut) return;
    this.#playout.frame(frame);
    this.watch();
  }

  /** Takes the word of the caller's speaker on where it stands. */
  heard(place: PlayoutPlace): void {
    this.#playout?.heard(place);
  }

  /** Goes on when nobody decides on a pause. */
  tick(): void {
    if (this.#pause?.tick()) this.watch();
  }

  /** Has the playout ticked while there is something to play. */
  watch(): void {
    if (this.#playout) this.parts.playoutClock.watch(this.#playout);
  }

  /** Ends all that is playing or waiting; what the caller has heard of it is told. */
  stop(): void {
    this.#isStill = true;
    this.#playout?.stop();
  }

  /** Stands still from now on, without a word. */
  freeze(): void {
    this.#isStill = true;
    this.#playout?.freeze();
  }

  /** Stands still, and nothing comes from the bus any more. */
  close(): void {
    this.freeze();
    this.#feed?.close();
  }

  #start(): Playout {
    const { clock, config, metrics } = this.parts;
    const { frameMs, pausable } = this.settings;
    const options = { sampleRateHz: VOICE_SAMPLE_RATE_HZ, frameMs, ...config.playout };
    const playout = new Playout(clock, this.sink, options);
    this.#playout = playout;
    this.#pause = new SpeechPause(clock, playout, pausable, (outcome) => metrics.playoutPauses.inc({ outcome }));
    if (this.#policy) this.#pause.event(this.#policy);
    return playout;
  }
}
