import type { PlayedLedger, VoicePosition } from './played-ledger.js';
import type { PlayoutSettings } from './playout-options.js';
import type { PlayoutSink } from './playout-sink.js';
import type { ReplyVoice } from './reply-voice.js';

/** Reports how far a reply has been played: at the end of each sentence, and now and then in between. */
export class ProgressReports {
  /** Played samples at the last report. */
  #reportedSamples = 0;
  /** Last sentence whose end was reported. */
  #reportedSentence = -1;
  #playedSamples = 0;
  readonly #onPassed = (end: VoicePosition) => this.#sentenceEnd(end);

  constructor(
    private readonly voice: ReplyVoice,
    private readonly ledger: PlayedLedger,
    private readonly sink: Pick<PlayoutSink, 'progress'>,
    private readonly settings: PlayoutSettings,
  ) {}

  /** What is before a place has been reported elsewhere. @param totalSamples of the reply */
  startAt(sentence: number, totalSamples: number): void {
    this.#reportedSamples = totalSamples;
    this.#reportedSentence = sentence - 1;
  }

  /** Reports what is due when so much of the reply has been played. */
  played(playedSamples: number): void {
    this.#playedSamples = playedSamples;
    const at = this.ledger.advance(playedSamples, this.#onPassed);
    const length = this.voice.lengthOf(at.sentence);
    const { progressMs, samplesPerMs } = this.settings;
    if (length !== undefined && at.pts >= length) this.#sentenceEnd(at);
    else if (playedSamples - this.#reportedSamples >= progressMs * samplesPerMs) this.#report(at);
  }

  #sentenceEnd(end: VoicePosition): void {
    if (end.sentence <= this.#reportedSentence) return;
    this.#reportedSentence = end.sentence;
    this.#report(end);
  }

  #report({ sentence, pts }: VoicePosition): void {
    const { samplesPerMs } = this.settings;
    this.#reportedSamples = this.#playedSamples;
    const length = this.voice.lengthOf(sentence);
    const sentenceMs = length === undefined ? {} : { sentenceMs: length / samplesPerMs };
    this.sink.progress({ reply: this.voice.reply, sentence, playedMs: pts / samplesPerMs, ...sentenceMs });
  }
}
