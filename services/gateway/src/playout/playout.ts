import type { AudioFrame, Payload } from '@parley/contracts';
import type { Clock } from '../clock.js';
import { OpenReplies } from './open-replies.js';
import { PlayingReply, type HeardPart } from './playing-reply.js';
import { playoutSettings, type PlayoutOptions, type PlayoutSettings } from './playout-options.js';
import type { PlayoutPlace, PlayoutState } from './playout-place.js';
import type { PlayoutSink } from './playout-sink.js';
import type { ReplyOutcome, ReplyVoice } from './reply-voice.js';
import { SpeakerClock } from './speaker-clock.js';

/** Of a reply that never began. */
const UNHEARD: HeardPart = { sentence: 0, playedMs: 0, totalMs: 0 };

/**
 * Plays a session's replies to one caller in real time. Frames may come early, late, twice or again from another
 * synthesis: each sample is played once, in order of (reply, sentence, pts), one reply after the other, at most
 * `leadMs` ahead of real time. It knows what the caller has heard by the clock: what was sent less what is still
 * ahead. No timers: whoever holds it calls {@link Playout.tick} some 25 times a second while it is {@link Playout.active}.
 */
export class Playout {
  readonly #settings: PlayoutSettings;
  readonly #speaker: SpeakerClock;
  readonly #replies = new OpenReplies();
  #playing: PlayingReply | undefined;
  #overflowedReply = 0;

  constructor(
    clock: Pick<Clock, 'nowMs'>,
    private readonly sink: PlayoutSink,
    options: PlayoutOptions,
  ) {
    this.#settings = playoutSettings(options);
    this.#speaker = new SpeakerClock(clock);
  }

  /** There is a reply that is not over: it needs ticks. */
  get active(): boolean {
    return this.#replies.size > 0 && !this.#speaker.isStill;
  }

  /** Where in which reply it is, when one has begun and is not over. */
  get playing(): PlayoutPlace | undefined {
    return this.#playing?.begun ? this.#playing.place : undefined;
  }

  /** Voice that waits to be sent. */
  get bufferedMs(): number {
    return this.#replies.bufferedSamples / this.#settings.samplesPerMs;
  }

  /** Nothing of a reply will be played any more. */
  isOver(reply: number): boolean {
    return this.#replies.isOver(reply);
  }

  /** Goes on where another gateway left off. To be called before anything else. */
  resume({ over, playing }: PlayoutState, knownMs = 0): void {
    this.#speaker.skip(knownMs);
    this.#replies.skip(over);
    if (!playing) return;
    const voice = this.#replies.voiceOf(playing.reply);
    voice.turn = playing.turn;
    voice.startAt(playing.sentence, playing.pts);
    this.#speaker.empty(this.#speaker.nowMs());
    this.#playing = this.#begin(voice);
    this.#playing.startAt(playing);
  }

  /** Stands still from now on: nothing is sent or said, and time does not pass, but {@link Playout.stop} may follow. */
  freeze(): void {
    this.#speaker.freeze();
  }

  /**
   * Stands still within a reply, until {@link Playout.unpause} or the reply's end.
   * @param holds the caller's speaker stands still too; otherwise it plays what it has
   * @returns whether there was anything to pause
   */
  pause(holds: boolean): boolean {
    this.tick();
    const at = this.playing;
    if (!at || this.#speaker.isStill) return false;
    this.#speaker.pause(holds);
    this.#playing?.pause();
    this.sink.paused(this.#played(at), holds);
    return true;
  }

  /** Goes on where it was paused. */
  unpause(): void {
    if (!this.#speaker.isPaused || !this.#playing) return;
    const holds = this.#speaker.isHeld;
    this.#playing.unpause(this.#speaker.unpause());
    const at = this.playing;
    if (at) this.sink.resumed(this.#played(at), holds);
    this.tick();
  }

  /** Takes the word of the caller's speaker, which knows better than the clock where it was held. */
  heard(place: PlayoutPlace): void {
    if (this.#speaker.isHeld) this.#playing?.heldAt(place);
  }

  /** Takes a frame of a reply's voice; sends it at once when there is room for it. */
  frame(frame: AudioFrame): void {
    if (frame.fence) return;
    const { samplesPerMs, maxBufferedMs } = this.#settings;
    const durationMs = frame.payload.byteLength / 2 / samplesPerMs;
    if (!this.#isPlayable(frame)) return this.sink.dropped('format', durationMs);
    if (frame.reply < 1 || this.isOver(frame.reply)) return this.sink.dropped('reply_over', durationMs);
    const voice = this.#replies.voiceOf(frame.reply);
    const fits = this.bufferedMs + durationMs <= maxBufferedMs;
    const added = voice.insert(frame, fits) / samplesPerMs;
    if (!fits) this.#overflow(frame.reply, durationMs);
    else if (added < durationMs) this.sink.dropped('duplicate', durationMs - added);
    this.#touch(frame.reply);
    this.tick();
  }

  /** A reply has begun: its voice is waited for. */
  replyStarted(reply: number, turn?: number): void {
    if (this.isOver(reply)) return;
    this.#replies.voiceOf(reply).turn = turn;
    this.#touch(reply);
    this.tick();
  }

  /** Something goes on in a reply, a tool call for instance, so that silence is no sign of trouble. */
  replyContinues(reply: number): void {
    this.#touch(reply);
  }

  /** A sentence has no voice. */
  unspoken(reply: number, sentence: number): void {
    if (this.isOver(reply)) return;
    this.#replies.voiceOf(reply).unspoken(sentence);
    this.#touch(reply);
    this.tick();
  }

  /** A reply's text is over; its voice is played to the end. */
  replyEnded(reply: number, sentences: number, outcome: ReplyOutcome): void {
    if (this.isOver(reply)) return;
    this.#replies.voiceOf(reply).textEnded(sentences, outcome);
    this.#touch(reply);
    this.tick();
  }

  /** The caller took the floor: the reply ends at once, and the caller is told to throw away what it holds. */
  replyInterrupted(reply: number): void {
    this.#cutOff(reply, false);
  }

  /** Replies up to here have no voice. To be called before anything else. */
  startBehind(reply: number): void {
    this.#replies.skipThrough(reply);
  }

  /** No voice is made of a reply. */
  passOver(reply: number): void {
    if (!this.isOver(reply)) this.#forget(this.#replies.voiceOf(reply));
  }

  /** The caller reads the reply from here on: its voice ends at once, and whoever waits for that is told so. */
  show(reply: number): void {
    if (!this.#speaker.isFrozen) this.#cutOff(reply, true);
  }

  /** The caller reads from here on all that is playing or waiting. */
  showAll(): void {
    for (const { reply } of this.#replies.inOrder()) this.show(reply);
  }

  /** Ends all that is playing or waiting without a word to the caller, who has left. */
  stop(): void {
    this.tick();
    for (const voice of this.#replies.inOrder()) {
      if (this.#begunOf(voice)) this.#end(voice, 'interrupted', false);
      else this.#forget(voice);
    }
  }

  /** Sends, reports and ends what is due. */
  tick(): void {
    if (this.#speaker.isStill) return;
    for (;;) {
      const playing = this.#current();
      if (!playing) return;
      const now = this.#speaker.nowMs();
      playing.advance(now);
      const end = playing.playedOut(now, this.#replies.size > 1);
      if (!end) return;
      this.#end(playing.voice, end === 'completed' ? 'completed' : 'failed', false);
      if (end === 'stalled') this.sink.stalled(playing.voice.reply);
    }
  }

  #current(): PlayingReply | undefined {
    if (this.#replies.size === 0) return undefined;
    if (this.#playing?.begun) return this.#playing;
    const [voice] = this.#replies.inOrder() as [ReplyVoice];
    if (this.#playing?.voice !== voice) this.#playing = this.#begin(voice);
    return this.#playing;
  }

  #begin(voice: ReplyVoice): PlayingReply {
    // Whatever is lower came to nothing: it must not begin behind this one.
    const onBegun = (reply: number) => this.#replies.skipThrough(reply - 1);
    return new PlayingReply(voice, this.#speaker, this.sink, this.#settings, onBegun);
  }

  #begunOf(voice: ReplyVoice): PlayingReply | undefined {
    return this.#playing?.voice === voice && this.#playing.begun ? this.#playing : undefined;
  }

  #cutOff(reply: number, shown: boolean): void {
    if (this.isOver(reply)) return;
    const voice = this.#replies.voiceOf(reply);
    this.tick();
    if (this.isOver(reply)) return;
    this.#end(voice, 'interrupted', true, shown);
    this.tick();
  }

  #end(voice: ReplyVoice, outcome: Payload<'playout.ended'>['outcome'], flush: boolean, shown = false): void {
    const now = this.#speaker.nowMs();
    const playing = this.#begunOf(voice);
    const heard = playing?.heardPart(now) ?? UNHEARD;
    if (playing) this.#speaker.dropPause();
    if (outcome !== 'completed') playing?.breakOff(now);
    this.#forget(voice);
    if (playing && flush) {
      this.#speaker.empty(now);
      this.sink.flush(voice.reply);
    }
    this.sink.ended({ reply: voice.reply, outcome, ...heard, ...(shown && { shown }) });
  }

  #forget(voice: ReplyVoice): void {
    if (voice.bufferedSamples > 0) this.sink.dropped('flushed', voice.bufferedSamples / this.#settings.samplesPerMs);
    if (this.#playing?.voice === voice) this.#playing = undefined;
    this.#replies.close(voice.reply);
  }

  #overflow(reply: number, durationMs: number): void {
    this.sink.dropped('overflow', durationMs);
    if (this.#overflowedReply === reply) return;
    this.#overflowedReply = reply;
    this.sink.overflowed(reply);
  }

  #touch(reply: number): void {
    const playing = this.#current();
    if (playing?.voice.reply === reply) playing.touch();
  }

  #played({ reply, sentence, pts }: PlayoutPlace): Payload<'playout.paused'> {
    return { reply, sentence, playedMs: pts / this.#settings.samplesPerMs };
  }

  #isPlayable({ codec, sampleRateHz, payload }: AudioFrame): boolean {
    // A frame without payload only carries flags: its format says nothing.
    if (payload.byteLength === 0) return true;
    return codec === 'pcm_s16le' && sampleRateHz === this.#settings.sampleRateHz && payload.byteLength % 2 === 0;
  }
}
