import type { ParleyEvent, Payload } from '@parley/contracts';

type SpokenType = 'speech.started' | 'speech.stopped' | 'transcript.interim' | 'transcript.final' | 'turn.ended';
type Publish = <T extends SpokenType>(type: T, payload: Payload<T>) => ParleyEvent;

const WORDS = ['but', 'mhm', 'stop that please', ' ', 'yeah', 'one more', '', 'hm'];

/** A caller's voice as the stage stt tells of it: utterances, their words, and turns. */
export class SimulatedCaller {
  private utterance = 0;
  private turn = 0;
  private state: 'silent' | 'speaking' | 'stopped' = 'silent';
  private texts: string[] = [];

  constructor(
    private readonly publish: Publish,
    private readonly onTurn: (event: ParleyEvent) => void,
  ) {}

  /** The next thing that the stage says; `n` chooses among what may come. */
  step(n: number): void {
    const { utterance } = this;
    const text = WORDS[n % WORDS.length] as string;
    if (this.state === 'silent') {
      if (this.texts.length > 0 && n % 2 === 0) return this.endTurn();
      this.publish('speech.started', { utterance: ++this.utterance, pts: 0 });
      this.state = 'speaking';
    } else if (this.state === 'speaking' && n % 3 !== 0) {
      this.publish('transcript.interim', { utterance, text, stableChars: n % 5 === 0 ? 0 : text.length });
    } else if (this.state === 'speaking') {
      this.publish('speech.stopped', { utterance, pts: 0, durationMs: 100 + (n % 7) * 100 });
      this.state = 'stopped';
    } else {
      const known = { endPts: 0, audioMs: 1, engine: 'x', transcriptionMs: 1 };
      this.publish('transcript.final', { utterance, text: text.trim(), ...known });
      if (text.trim()) this.texts.push(text.trim());
      this.state = 'silent';
    }
  }

  /** Says no more than what has been begun. */
  finish(): void {
    if (this.state === 'speaking') this.step(0);
    if (this.state === 'stopped') this.step(0);
    if (this.texts.length > 0) this.endTurn();
  }

  private endTurn(): void {
    const text = this.texts.splice(0).join(' ');
    this.onTurn(this.publish('turn.ended', { turn: ++this.turn, text, eouDelayMs: 1, endPts: 0 }));
  }
}
