import type { SessionWriter } from '@parley/bus';
import type { Direction, EventOf, EventType, Mode, ParleyEvent, Payload } from '@parley/contracts';
import { eventually, type FakeBus } from '@parley/testing';
import { foldTurn, initialTurnState, type TurnState } from '@parley/session-log';

const OWNERS_DOING: ReadonlySet<string> = new Set([
  'session.policy',
  'stage.claimed',
  'stage.released',
  'stage.settled',
]);

/** A caller's session as the other stages write it, seen from outside the agent stage. */
export class AgentCall {
  private utterances = 0;

  constructor(
    private readonly bus: FakeBus,
    readonly sessionId: string,
    private readonly writers: { gateway: SessionWriter; stt: SessionWriter; tts: SessionWriter },
  ) {}

  /** Opens the session as the gateway does. */
  async open(agent: string, mode: Mode, direction: Direction = 'incoming'): Promise<void> {
    const voice = { inputSampleRateHz: 16_000, outputSampleRateHz: 24_000, outputFrameMs: 20 };
    await this.gateway('session.opened', { agent, mode, language: 'en', direction, door: 'ws', ...voice });
  }

  /** @returns the id of the event */
  async says(text: string): Promise<string> {
    const turn = { turn: ++this.utterances, text, eouDelayMs: 1, endPts: 0 };
    return (await this.writers.stt.publish('turn.ended', turn)).id;
  }

  /** @returns the id of the event */
  async writes(text: string): Promise<string> {
    return (await this.writers.gateway.publish('session.text', { text })).id;
  }

  /** Words that are heard before the turn is over. */
  async begins(text: string): Promise<void> {
    const interim = { utterance: this.utterances + 1, text, stableChars: text.length };
    await this.writers.stt.publish('transcript.interim', interim);
  }

  /** Begins to say something over a reply, which that interrupts. */
  async speaksOver(): Promise<void> {
    await this.begins('but');
    await this.until('reply.interrupted');
  }

  /** Sound in the caller's microphone, and what is understood of it if anything. */
  async sounds(durationMs: number, text?: string): Promise<void> {
    const { stt } = this.writers;
    const utterance = ++this.utterances;
    await stt.publish('speech.started', { utterance, pts: 0, stopsAfterMs: 300 });
    await stt.publish('speech.stopped', { utterance, pts: 0, durationMs });
    if (text === undefined) return;
    const final = { utterance, text, endPts: 0, audioMs: durationMs, engine: 'x', transcriptionMs: 1 };
    await stt.publish('transcript.final', final);
    if (text) await stt.publish('turn.ended', { turn: utterance, text, eouDelayMs: 1, endPts: 0 });
  }

  /** Says something and is understood; the turn may go on. */
  async utters(text: string): Promise<void> {
    const final = { utterance: ++this.utterances, text, endPts: 0, audioMs: 1, engine: 'x', transcriptionMs: 1 };
    await this.writers.stt.publish('transcript.final', final);
  }

  /** Says something that goes on; so many of its characters will not change. */
  async goesOn(text: string, stableChars = text.length): Promise<void> {
    await this.writers.stt.publish('transcript.interim', { utterance: this.utterances + 1, text, stableChars });
  }

  /** Somebody begins to speak and goes on. */
  async speaks(): Promise<void> {
    await this.writers.stt.publish('speech.started', { utterance: this.utterances + 1, pts: 0, stopsAfterMs: 300 });
  }

  /** The caller's voice is heard, or no more. */
  async speech(type: 'speech.started' | 'speech.stopped'): Promise<void> {
    const at = { utterance: this.utterances + 1, pts: 0 };
    if (type === 'speech.started') await this.writers.stt.publish(type, at);
    else await this.writers.stt.publish(type, { ...at, durationMs: 1 });
  }

  async gateway<T extends EventType>(type: T, payload: Payload<T>): Promise<void> {
    await this.writers.gateway.publish(type, payload);
  }

  async playedOut(reply: number, end: Omit<Payload<'playout.ended'>, 'reply' | 'totalMs'>): Promise<void> {
    await this.gateway('playout.ended', { reply, totalMs: end.playedMs, ...end });
  }

  /** The times of a sentence's words, each of which lasts so long. */
  async timesWords(reply: number, sentence: number, words: readonly string[], wordMs: number): Promise<void> {
    const times = words.map((word, n) => ({ word, startMs: n * wordMs, endMs: (n + 1) * wordMs }));
    await this.writers.tts.publish('synthesis.words', { reply, sentence, first: 0, words: times });
  }

  /** Every stored event, or those of one type. */
  events(): ParleyEvent[];
  events<T extends EventType>(type: T): EventOf<T>[];
  events(type?: EventType): ParleyEvent[] {
    const stored = this.bus.events(this.sessionId).filter((event) => event.type !== 'text.delta');
    return type ? stored.filter((event) => event.type === type) : stored;
  }

  /** What the agent stage wrote of replies, in order: type and reply. */
  written(): string[] {
    const own = this.events().filter(({ stage, type }) => stage === 'agent' && !OWNERS_DOING.has(type));
    return own.map((event) => ('reply' in event ? `${event.type} ${event.reply}` : event.type));
  }

  /** Resolves when nothing that has begun goes on. */
  settled(): Promise<void> {
    return this.bus.settled();
  }

  /** The log's fold: what a new owner knows. */
  folded(): TurnState {
    return this.events().reduce(foldTurn, initialTurnState());
  }

  /** Waits for an event of this type with these fields, and until all that follows from it has been done. */
  async until<T extends EventType>(type: T, fields: Partial<Payload<T>> = {}): Promise<EventOf<T>> {
    const fits = (event: EventOf<T>) =>
      Object.entries(fields).every(([name, value]) => (event as Record<string, unknown>)[name] === value);
    const find = () => this.events(type).find(fits);
    const event = await eventually(find, { what: `${type} ${JSON.stringify(fields)}`, intervalMs: 1 });
    await this.bus.settled();
    return event;
  }
}

/** The text of each reply that has ended, in order. */
export const said = (call: AgentCall) => call.events('reply.ended').map(({ text }) => text);
