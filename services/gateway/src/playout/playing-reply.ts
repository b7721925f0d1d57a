import type { EdgeAudioInfo } from '@parley/contracts';
import { PlayedLedger } from './played-ledger.js';
import type { PlayoutSettings } from './playout-options.js';
import type { BegunPlayout, PlayoutPlace } from './playout-place.js';
import type { PlayoutSink } from './playout-sink.js';
import { ProgressReports } from './progress-reports.js';
import type { ReplyVoice, VoicePiece } from './reply-voice.js';
import type { SpeakerClock } from './speaker-clock.js';

/** How a reply that plays comes to its end by itself: played to the end, said to have failed, or given up. */
export type PlayedOut = 'completed' | 'failed' | 'stalled';

/** What of a reply has been played at its end. */
export interface HeardPart {
  sentence: number;
  playedMs: number;
  /** Length of that sentence, when known. */
  sentenceMs?: number;
  /** Of the whole reply. */
  totalMs: number;
}

/** The reply that is being played: sends what there is when it is due, and knows by the speaker's time what was heard. */
export class PlayingReply {
  readonly #ledger = new PlayedLedger();
  readonly #progress: ProgressReports;
  #begun = false;
  /** When anything was last heard of it. */
  #touchedMs: number;
  /** Since when a hole has been in the way. */
  #holeSinceMs: number | undefined;
  #lastSent: EdgeAudioInfo | undefined;
  /** Everything that was there has been sent, so dryness is not the clock's fault. */
  #starved = false;
  /** Patience is over and the last of it is on its way. */
  #isGivenUp = false;
  /** Where the caller's speaker says it was held. */
  #heldAt: PlayoutPlace | undefined;

  /** @param onBegun called before its beginning is reported */
  constructor(
    readonly voice: ReplyVoice,
    private readonly speaker: SpeakerClock,
    private readonly sink: PlayoutSink,
    private readonly settings: PlayoutSettings,
    private readonly onBegun: (reply: number) => void,
  ) {
    this.#progress = new ProgressReports(voice, this.#ledger, sink, settings);
    this.#touchedMs = speaker.nowMs();
  }

  /** Something of it has been sent. */
  get begun(): boolean {
    return this.#begun;
  }

  /** The place that has been played. */
  get place(): PlayoutPlace {
    return { reply: this.voice.reply, ...this.#ledger.placeAt(this.#playedSamples(this.speaker.nowMs())) };
  }

  /** Goes on in the middle. To be called before anything else. */
  startAt({ sentence, pts, totalSamples, isReported }: BegunPlayout): void {
    const { reply } = this.voice;
    this.#ledger.startAt({ sentence, pts }, totalSamples);
    this.#progress.startAt(sentence, totalSamples);
    this.#lastSent = { reply, sentence, pts };
    this.#begin(isReported);
  }

  /** Something was heard of it. */
  touch(): void {
    this.#touchedMs = this.speaker.nowMs();
    this.#isGivenUp = false;
  }

  /** It is paused: what is known of the speaker's place is old. */
  pause(): void {
    this.#heldAt = undefined;
  }

  /** It goes on after a pause, in which its silence meant nothing. */
  unpause(now: number): void {
    this.#heldAt = undefined;
    this.#touchedMs = now;
  }

  /** Takes the word of the caller's speaker on where it was held, if it can be true. */
  heldAt(place: PlayoutPlace): void {
    const sent = this.#lastSent;
    const isPossible = sent?.reply === place.reply && (place.sentence < sent.sentence || place.pts <= sent.pts + this.settings.frameSamples); // prettier-ignore
    if (isPossible && place.sentence <= sent.sentence) this.#heldAt = place;
  }

  /** Sends what is due, passes over what does not come, and reports what has been played. */
  advance(now: number): void {
    this.#release(now);
    if (this.#begun) this.#progress.played(this.#playedSamples(now));
  }

  /**
   * How it ends, if it does now. Its last piece may be shorter than a frame and is sent here.
   * @param isOvertaken another reply waits
   */
  playedOut(now: number, isOvertaken: boolean): PlayedOut | undefined {
    const { voice, speaker } = this;
    if (speaker.playedOutMs > now && this.#begun) return undefined;
    if (voice.complete) return voice.outcome === 'failed' ? 'failed' : 'completed';
    const silentMs = now - Math.max(speaker.playedOutMs, this.#touchedMs);
    if (!this.#isGivenUp && silentMs < this.#patienceMs(isOvertaken)) return undefined;
    // What is left is less than a frame, and nothing will make it longer.
    const rest = voice.next(this.settings.frameSamples, false);
    if (!rest) return voice.outcome === 'failed' ? 'failed' : 'stalled';
    this.#send(rest, now);
    this.#isGivenUp = true;
    return undefined;
  }

  /** What of it has been played; the speaker's own word counts more than the clock's. */
  heardPart(now: number): HeardPart {
    const { samplesPerMs } = this.settings;
    const played = this.#playedSamples(now);
    const { sentence, pts } = this.#heldAt ?? this.#ledger.placeAt(played);
    const length = this.voice.lengthOf(sentence);
    return {
      sentence,
      playedMs: pts / samplesPerMs,
      ...(length !== undefined && { sentenceMs: length / samplesPerMs }),
      totalMs: played / samplesPerMs,
    };
  }

  /** It ends before its time: the dryness that it ends in is reported. */
  breakOff(now: number): void {
    if (this.#starved && now > this.speaker.playedOutMs) this.#underrun(false, now);
  }

  #begin(isReported: boolean): void {
    const { reply, turn } = this.voice;
    this.#begun = true;
    this.onBegun(reply);
    if (!isReported) this.sink.started({ reply, ...(turn !== undefined && { turn }) });
  }

  #release(now: number): void {
    const { voice, speaker } = this;
    const { frameMs, frameSamples, leadMs, holeWaitMs, samplesPerMs } = this.settings;
    for (;;) {
      const dry = speaker.playedOutMs <= now;
      if (!dry && speaker.playedOutMs + frameMs - now > leadMs) return;
      const piece = voice.next(frameSamples, true);
      if (piece) {
        this.#holeSinceMs = undefined;
        this.#send(piece, now);
        continue;
      }
      this.#starved = true;
      if (!voice.atHole) return;
      this.#holeSinceMs ??= now;
      if (now - Math.max(this.#holeSinceMs, speaker.playedOutMs) < holeWaitMs) return;
      this.sink.dropped('lost', voice.skipHole() / samplesPerMs);
    }
  }

  #send(piece: VoicePiece, now: number): void {
    const { sentence, pts, pcm } = piece;
    if (!this.#begun) {
      this.#begin(false);
    } else if (now > this.speaker.playedOutMs) {
      if (this.#starved) this.#underrun(this.#lastSent?.sentence === sentence, now);
      else this.sink.late(now - this.speaker.playedOutMs);
    }
    this.#starved = false;
    this.speaker.send(pcm.byteLength / 2 / this.settings.samplesPerMs, now);
    this.#lastSent = { reply: this.voice.reply, sentence, pts };
    this.sink.audio(this.#lastSent, pcm);
    this.#ledger.add(piece);
  }

  #underrun(withinSentence: boolean, now: number): void {
    this.sink.underrun(withinSentence ? 'sentence' : 'between', now - this.speaker.playedOutMs);
  }

  #patienceMs(isOvertaken: boolean): number {
    const { failedStallMs, stallMs, openStallMs } = this.settings;
    if (this.voice.outcome === 'failed') return failedStallMs;
    return this.voice.outcome || isOvertaken ? stallMs : openStallMs;
  }

  #playedSamples(now: number): number {
    const aheadMs = Math.max(0, this.speaker.playedOutMs - now);
    return Math.max(0, this.#ledger.releasedSamples - aheadMs * this.settings.samplesPerMs);
  }
}
