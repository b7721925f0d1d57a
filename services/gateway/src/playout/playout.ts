import type { AudioFrame, EdgeAudioInfo, Payload } from '@parley/contracts';
import type { Clock } from '../clock.js';
import { PlayedLedger, type VoicePosition } from './played-ledger.js';
import type { PlayoutSink } from './playout-sink.js';
import { ReplyVoice, type ReplyOutcome } from './reply-voice.js';

/** Settings of a {@link Playout}. */
export interface PlayoutOptions {
  /** Rate of the agent's voice; frames of another rate are dropped. */
  sampleRateHz: number;
  /** Length of the frames that the caller gets; the last of a sentence may be shorter. */
  frameMs: number;
  /** How far ahead of real time voice may leave, and so how much the caller buffers. */
  leadMs: number;
  /** Most voice that is kept. @defaultValue 60000 */
  maxBufferedMs?: number;
  /** Played voice between two reports. @defaultValue 500 */
  progressMs?: number;
  /** Dryness after which a hole within a sentence is passed over. @defaultValue 200 */
  holeWaitMs?: number;
  /** Silence after which a reply whose text is over is given up. @defaultValue 10000 */
  stallMs?: number;
  /** Silence after which a reply whose text failed is over: nobody may be speaking it any more. @defaultValue 1000 */
  failedStallMs?: number;
  /** Silence after which a reply whose text is still being written is given up. @defaultValue 60000 */
  openStallMs?: number;
}

/** A place in a reply's voice. */
export interface PlayoutPlace extends VoicePosition {
  reply: number;
}

/** The reply being played. */
interface Playing {
  voice: ReplyVoice;
  ledger: PlayedLedger;
  begun: boolean;
  /** When anything was last heard of it. */
  touchedMs: number;
  /** Since when a hole has been in the way. */
  holeSinceMs: number | undefined;
  /** Played samples at the last report. */
  reportedSamples: number;
  /** Last sentence whose end was reported. */
  reportedSentence: number;
  lastSent: EdgeAudioInfo | undefined;
  /** Patience is over and the last of it is on its way. */
  isGivenUp: boolean;
}

/** Where a session's playout stands that another gateway has begun. */
export interface PlayoutState {
  /** Replies that are over. */
  over: readonly number[];
  /** The reply that is being played, if there is one: what is before the place has been played. */
  playing?: {
    reply: number;
    turn?: number;
    sentence: number;
    /** Samples since the sentence began. */
    pts: number;
    /** Samples of the reply that have been played. */
    totalSamples: number;
    /** The session's log has its `playout.started`. */
    isReported: boolean;
  };
}

const DEFAULTS = {
  maxBufferedMs: 60_000,
  progressMs: 500,
  holeWaitMs: 200,
  stallMs: 10_000,
  failedStallMs: 1_000,
  openStallMs: 60_000,
};

/**
 * Plays a session's replies to one caller in real time. Frames may come early, late, twice or again from another
 * synthesis: each sample is played once, in order of (reply, sentence, pts), one reply after the other, at most
 * `leadMs` ahead of real time. It knows what the caller has heard by the clock: what was sent less what is still
 * ahead. No timers: whoever holds it calls {@link Playout.tick} every 10 ms or so while it is {@link Playout.active}.
 */
export class Playout {
  readonly #options: Required<PlayoutOptions>;
  readonly #frameSamples: number;
  readonly #samplesPerMs: number;
  /** Replies that are not over, by ordinal. The lowest is played, the others wait. */
  readonly #replies = new Map<number, ReplyVoice>();
  #playing: Playing | undefined;
  /** Every reply up to here is over. */
  #overThrough = 0;
  /** Replies beyond that which are over as well: interrupted before their turn. */
  readonly #overAhead = new Set<number>();
  /** When the caller will have played all that was sent. */
  #playedOutMs = -Infinity;
  /** Everything that was there has been sent, so dryness is not the clock's fault. */
  #starved = false;
  #overflowedReply = 0;
  /** Voice to be sent that the caller has had by another way, and for which its speaker needs no time. */
  #knownMs = 0;
  #frozenMs: number | undefined;
  /** Since when somebody speaks over it; with `holds` the caller's speaker stands still as well. */
  #paused: { atMs: number; holds: boolean } | undefined;
  /** Where the caller's speaker says it stands. */
  #heard: PlayoutPlace | undefined;

  constructor(
    private readonly clock: Pick<Clock, 'nowMs'>,
    private readonly sink: PlayoutSink,
    options: PlayoutOptions,
  ) {
    this.#options = { ...DEFAULTS, ...options };
    this.#samplesPerMs = options.sampleRateHz / 1000;
    this.#frameSamples = options.frameMs * this.#samplesPerMs;
  }

  /** There is a reply that is not over: it needs ticks. */
  get active(): boolean {
    return this.#replies.size > 0 && this.#frozenMs === undefined && !this.#paused;
  }

  /** Where in which reply it is, when one has begun and is not over. */
  get playing(): PlayoutPlace | undefined {
    const playing = this.#playing;
    if (!playing?.begun) return undefined;
    return { reply: playing.voice.reply, ...playing.ledger.placeAt(this.#playedSamples(playing, this.#nowMs())) };
  }

  /** Voice that waits to be sent. */
  get bufferedMs(): number {
    let samples = 0;
    for (const voice of this.#replies.values()) samples += voice.bufferedSamples;
    return samples / this.#samplesPerMs;
  }

  /** Nothing of a reply will be played any more. */
  isOver(reply: number): boolean {
    return this.#isOver(reply);
  }

  /** Goes on where another gateway left off. To be called before anything else. */
  resume({ over, playing }: PlayoutState, knownMs = 0): void {
    this.#knownMs = knownMs;
    for (const reply of over) this.#overAhead.add(reply);
    if (!playing) return;
    const { reply, turn, sentence, pts, totalSamples, isReported } = playing;
    const voice = this.#reply(reply);
    voice.turn = turn;
    voice.startAt(sentence, pts);
    this.#playedOutMs = this.#nowMs();
    const begun = this.#begin(voice);
    begun.ledger.startAt({ sentence, pts }, totalSamples);
    begun.reportedSamples = totalSamples;
    begun.reportedSentence = sentence - 1;
    begun.lastSent = { reply, sentence, pts };
    this.#playing = begun;
    this.#started(begun, isReported);
  }

  /** Stands still from now on: nothing is sent or said, and time does not pass, but {@link Playout.stop} may follow. */
  freeze(): void {
    this.#frozenMs ??= this.#nowMs();
  }

  /**
   * Stands still within a reply, until {@link Playout.unpause} or the reply's end.
   * @param holds the caller's speaker stands still too; otherwise it plays what it has
   * @returns whether there was anything to pause
   */
  pause(holds: boolean): boolean {
    this.tick();
    const at = this.playing;
    if (!at || this.#paused || this.#frozenMs !== undefined) return false;
    this.#paused = { atMs: this.clock.nowMs(), holds };
    this.#heard = undefined;
    this.sink.paused({ reply: at.reply, sentence: at.sentence, playedMs: at.pts / this.#samplesPerMs }, holds);
    return true;
  }

  /** Goes on where it was paused. */
  unpause(): void {
    const { atMs, holds } = this.#paused ?? {};
    const playing = this.#playing;
    if (atMs === undefined || !playing) return;
    const now = this.clock.nowMs();
    this.#playedOutMs = holds ? this.#playedOutMs + now - atMs : Math.max(this.#playedOutMs, now);
    playing.touchedMs = now;
    this.#paused = undefined;
    const at = this.playing;
    if (at) this.sink.resumed({ reply: at.reply, sentence: at.sentence, playedMs: at.pts / this.#samplesPerMs }, holds === true); // prettier-ignore
    this.tick();
  }

  /** Takes the word of the caller's speaker, which knows better than the clock where it was held. */
  heard(place: PlayoutPlace): void {
    const sent = this.#playing?.lastSent;
    const isPossible = sent?.reply === place.reply && (place.sentence < sent.sentence || place.pts <= sent.pts + this.#frameSamples); // prettier-ignore
    if (this.#paused?.holds && isPossible && place.sentence <= sent.sentence) this.#heard = place;
  }

  /** Takes a frame of a reply's voice; sends it at once when there is room for it. */
  frame(frame: AudioFrame): void {
    if (frame.fence) return;
    const durationMs = frame.payload.byteLength / 2 / this.#samplesPerMs;
    const { codec, sampleRateHz } = this.#formatOf(frame);
    if (codec !== 'pcm_s16le' || sampleRateHz !== this.#options.sampleRateHz || frame.payload.byteLength % 2 !== 0) {
      return this.sink.dropped('format', durationMs);
    }
    if (frame.reply < 1 || this.#isOver(frame.reply)) return this.sink.dropped('reply_over', durationMs);
    const voice = this.#reply(frame.reply);
    const fits = this.bufferedMs + durationMs <= this.#options.maxBufferedMs;
    const added = voice.insert(frame, fits) / this.#samplesPerMs;
    if (!fits) this.#overflow(frame.reply, durationMs);
    else if (added < durationMs) this.sink.dropped('duplicate', durationMs - added);
    this.#touch(frame.reply);
    this.tick();
  }

  /** A reply has begun: its voice is waited for. */
  replyStarted(reply: number, turn?: number): void {
    if (this.#isOver(reply)) return;
    this.#reply(reply).turn = turn;
    this.#touch(reply);
    this.tick();
  }

  /** Something goes on in a reply, a tool call for instance, so that silence is no sign of trouble. */
  replyContinues(reply: number): void {
    this.#touch(reply);
  }

  /** A sentence has no voice. */
  unspoken(reply: number, sentence: number): void {
    if (this.#isOver(reply)) return;
    this.#reply(reply).unspoken(sentence);
    this.#touch(reply);
    this.tick();
  }

  /** A reply's text is over; its voice is played to the end. */
  replyEnded(reply: number, sentences: number, outcome: ReplyOutcome): void {
    if (this.#isOver(reply)) return;
    this.#reply(reply).textEnded(sentences, outcome);
    this.#touch(reply);
    this.tick();
  }

  /** The caller took the floor: the reply ends at once, and the caller is told to throw away what it holds. */
  replyInterrupted(reply: number): void {
    if (this.#isOver(reply)) return;
    const voice = this.#reply(reply);
    this.tick();
    if (this.#isOver(reply)) return;
    this.#end(voice, 'interrupted', true);
    this.tick();
  }

  /** Replies up to here have no voice. To be called before anything else. */
  startBehind(reply: number): void {
    this.#overThrough = reply;
  }

  /** No voice is made of a reply. */
  passOver(reply: number): void {
    if (!this.#isOver(reply)) this.#forget(this.#reply(reply));
  }

  /** The caller reads the reply from here on: its voice ends at once, and whoever waits for that is told so. */
  show(reply: number): void {
    if (this.#frozenMs !== undefined || this.#isOver(reply)) return;
    const voice = this.#reply(reply);
    this.tick();
    if (this.#isOver(reply)) return;
    this.#end(voice, 'interrupted', true, true);
    this.tick();
  }

  /** The caller reads from here on all that is playing or waiting. */
  showAll(): void {
    for (const { reply } of this.#inOrder()) this.show(reply);
  }

  /** Ends all that is playing or waiting without a word to the caller, who has left. */
  stop(): void {
    this.tick();
    for (const voice of this.#inOrder()) {
      if (this.#playing?.voice === voice && this.#playing.begun) this.#end(voice, 'interrupted', false);
      else this.#forget(voice);
    }
  }

  /** Sends, reports and ends what is due. */
  tick(): void {
    if (this.#frozenMs !== undefined || this.#paused) return;
    for (;;) {
      const playing = this.#current();
      if (!playing) return;
      const now = this.#nowMs();
      this.#release(playing, now);
      this.#report(playing, now);
      if (!this.#endWhenOver(playing, now)) return;
    }
  }

  #current(): Playing | undefined {
    if (this.#replies.size === 0) return undefined;
    if (this.#playing?.begun) return this.#playing;
    const [voice] = this.#inOrder() as [ReplyVoice];
    if (this.#playing?.voice !== voice) this.#playing = this.#begin(voice);
    return this.#playing;
  }

  #begin(voice: ReplyVoice): Playing {
    return {
      voice,
      ledger: new PlayedLedger(),
      begun: false,
      touchedMs: this.#nowMs(),
      holeSinceMs: undefined,
      reportedSamples: 0,
      reportedSentence: -1,
      lastSent: undefined,
      isGivenUp: false,
    };
  }

  #started(playing: Playing, isReported: boolean): void {
    const { reply, turn } = playing.voice;
    playing.begun = true;
    // Whatever is lower came to nothing: it must not begin behind this one.
    this.#overThrough = Math.max(this.#overThrough, reply - 1);
    if (!isReported) this.sink.started({ reply, ...(turn !== undefined && { turn }) });
  }

  #release(playing: Playing, now: number): void {
    const { frameMs, leadMs, holeWaitMs } = this.#options;
    for (;;) {
      const dry = this.#playedOutMs <= now;
      if (!dry && this.#playedOutMs + frameMs - now > leadMs) return;
      const piece = playing.voice.next(this.#frameSamples, true);
      if (piece) {
        playing.holeSinceMs = undefined;
        this.#send(playing, piece.sentence, piece.pts, piece.pcm, now);
        playing.ledger.add(piece);
        continue;
      }
      this.#starved = true;
      if (!playing.voice.atHole) return;
      playing.holeSinceMs ??= now;
      if (now - Math.max(playing.holeSinceMs, this.#playedOutMs) < holeWaitMs) return;
      this.sink.dropped('lost', playing.voice.skipHole() / this.#samplesPerMs);
    }
  }

  #send(playing: Playing, sentence: number, pts: number, pcm: Uint8Array, now: number): void {
    const { voice, lastSent } = playing;
    if (!playing.begun) {
      this.#started(playing, false);
    } else if (now > this.#playedOutMs) {
      if (this.#starved) this.#underrun(lastSent?.sentence === sentence, now);
      else this.sink.late(now - this.#playedOutMs);
    }
    this.#starved = false;
    const durationMs = pcm.byteLength / 2 / this.#samplesPerMs;
    const knownMs = Math.min(this.#knownMs, durationMs);
    this.#knownMs -= knownMs;
    this.#playedOutMs = Math.max(this.#playedOutMs, now) + durationMs - knownMs;
    playing.lastSent = { reply: voice.reply, sentence, pts };
    this.sink.audio(playing.lastSent, pcm);
  }

  #underrun(withinSentence: boolean, now: number): void {
    this.sink.underrun(withinSentence ? 'sentence' : 'between', now - this.#playedOutMs);
  }

  #report(playing: Playing, now: number): void {
    if (!playing.begun) return;
    const { voice, ledger } = playing;
    const played = this.#playedSamples(playing, now);
    const report = ({ sentence, pts }: VoicePosition) => {
      playing.reportedSamples = played;
      const length = voice.lengthOf(sentence);
      const sentenceMs = length === undefined ? {} : { sentenceMs: length / this.#samplesPerMs };
      this.sink.progress({ reply: voice.reply, sentence, playedMs: pts / this.#samplesPerMs, ...sentenceMs });
    };
    const sentenceEnd = (end: VoicePosition) => {
      if (end.sentence <= playing.reportedSentence) return;
      playing.reportedSentence = end.sentence;
      report(end);
    };
    const at = ledger.advance(played, sentenceEnd);
    const length = voice.lengthOf(at.sentence);
    if (length !== undefined && at.pts >= length) sentenceEnd(at);
    else if (played - playing.reportedSamples >= this.#options.progressMs * this.#samplesPerMs) report(at);
  }

  #endWhenOver(playing: Playing, now: number): boolean {
    const { voice } = playing;
    if (this.#playedOutMs > now && playing.begun) return false;
    if (voice.complete) {
      this.#end(voice, voice.outcome === 'failed' ? 'failed' : 'completed', false);
      return true;
    }
    const silentMs = now - Math.max(this.#playedOutMs, playing.touchedMs);
    if (!playing.isGivenUp && silentMs < this.#patienceMs(voice)) return false;
    // What is left is less than a frame, and nothing will make it longer.
    const rest = voice.next(this.#frameSamples, false);
    if (rest) {
      this.#send(playing, rest.sentence, rest.pts, rest.pcm, now);
      playing.ledger.add(rest);
      playing.isGivenUp = true;
      return false;
    }
    this.#end(voice, 'failed', false);
    if (voice.outcome !== 'failed') this.sink.stalled(voice.reply);
    return true;
  }

  #patienceMs(voice: ReplyVoice): number {
    if (voice.outcome === 'failed') return this.#options.failedStallMs;
    const isOvertaken = this.#replies.size > 1;
    return voice.outcome || isOvertaken ? this.#options.stallMs : this.#options.openStallMs;
  }

  #end(voice: ReplyVoice, outcome: Payload<'playout.ended'>['outcome'], flush: boolean, shown = false): void {
    const now = this.#nowMs();
    const playing = this.#playing?.voice === voice && this.#playing.begun ? this.#playing : undefined;
    const played = playing ? this.#playedSamples(playing, now) : 0;
    const byClock = playing?.ledger.placeAt(played) ?? { sentence: 0, pts: 0 };
    const at = playing && this.#heard?.reply === voice.reply ? this.#heard : byClock;
    if (playing) this.#paused = this.#heard = undefined;
    if (playing && outcome !== 'completed' && this.#starved && now > this.#playedOutMs) this.#underrun(false, now);
    this.#forget(voice);
    if (playing && flush) {
      this.#playedOutMs = now;
      this.sink.flush(voice.reply);
    }
    const length = playing && voice.lengthOf(at.sentence);
    this.sink.ended({
      reply: voice.reply,
      outcome,
      sentence: at.sentence,
      playedMs: at.pts / this.#samplesPerMs,
      ...(length !== undefined && { sentenceMs: length / this.#samplesPerMs }),
      totalMs: played / this.#samplesPerMs,
      ...(shown && { shown }),
    });
  }

  #forget(voice: ReplyVoice): void {
    if (voice.bufferedSamples > 0) this.sink.dropped('flushed', voice.bufferedSamples / this.#samplesPerMs);
    if (this.#playing?.voice === voice) this.#playing = undefined;
    this.#replies.delete(voice.reply);
    this.#overAhead.add(voice.reply);
    const lowest = Math.min(...this.#replies.keys());
    for (const reply of this.#overAhead) {
      if (reply > lowest) continue;
      this.#overThrough = Math.max(this.#overThrough, reply);
      this.#overAhead.delete(reply);
    }
  }

  #overflow(reply: number, durationMs: number): void {
    this.sink.dropped('overflow', durationMs);
    if (this.#overflowedReply === reply) return;
    this.#overflowedReply = reply;
    this.sink.overflowed(reply);
  }

  #playedSamples(playing: Playing, now: number): number {
    const aheadMs = Math.max(0, this.#playedOutMs - now);
    return Math.max(0, playing.ledger.releasedSamples - aheadMs * this.#samplesPerMs);
  }

  #nowMs(): number {
    return this.#frozenMs ?? (this.#paused?.holds ? this.#paused.atMs : this.clock.nowMs());
  }

  #touch(reply: number): void {
    const playing = this.#current();
    if (playing?.voice.reply !== reply) return;
    playing.touchedMs = this.#nowMs();
    playing.isGivenUp = false;
  }

  #isOver(reply: number): boolean {
    return reply <= this.#overThrough || this.#overAhead.has(reply);
  }

  #reply(reply: number): ReplyVoice {
    let voice = this.#replies.get(reply);
    if (!voice) this.#replies.set(reply, (voice = new ReplyVoice(reply)));
    return voice;
  }

  #inOrder(): ReplyVoice[] {
    return [...this.#replies.values()].sort((a, b) => a.reply - b.reply);
  }

  /** A frame without payload only carries flags: its format says nothing. */
  #formatOf(frame: AudioFrame): { codec: string; sampleRateHz: number } {
    if (frame.payload.byteLength === 0) return { codec: 'pcm_s16le', sampleRateHz: this.#options.sampleRateHz };
    return frame;
  }
}
