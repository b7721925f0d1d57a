import { concatPcm } from '@parley/audio';
import type { EdgeEvent, ParleyEvent } from '@parley/contracts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller, Timed } from './caller.js';
import { mismatch } from './matching.js';
import type { Moment } from './moment.js';
import type { SessionWatch } from './session-watch.js';
import type { Step, StepThat } from './step.js';
import { describeEvent, type TimelineEntry } from './timeline.js';
import { RATE_HZ, type HeardWords, type Voices } from './voices.js';

/** What a story is told with. */
export interface StoryParts {
  caller: Caller;
  watch: SessionWatch;
  voices: Voices;
  nowMs(): number;
  /** What the caller does is added here. */
  said: TimelineEntry[];
  /** How long a step waits that does not say. */
  patienceMs: number;
}

const POLL_MS = 10;
/** Reading a whole reply's words takes a while. */
const HEAR_POLL_MS = 150;

/** Takes the steps of one scenario, one after the other. */
export class Story {
  /** Events that a step has expected. */
  readonly expected = new Set<unknown>();
  /** What came of the last step that did something is looked for from here on … */
  private sinceMs: number;
  /** … and until so long after its end. */
  private doneMs: number;

  constructor(private readonly parts: StoryParts) {
    this.sinceMs = -Infinity;
    this.doneMs = parts.nowMs();
  }

  /** @returns what is wrong; undefined when the step went as it should */
  async take(step: Step): Promise<string | undefined> {
    switch (step.does) {
      case 'expect':
        return this.expect(step);
      case 'expect_heard':
        return this.expectHeard(step);
      case 'expect_history':
        return this.expectHistory(step);
      case 'when':
        return this.reach(step);
      default:
        return this.act(step);
    }
  }

  private async act(step: Exclude<Step, { does: 'expect' | 'expect_heard' | 'expect_history' | 'when' }>) {
    const { caller, voices, nowMs } = this.parts;
    const pcm = await this.voiceOf(step, voices);
    this.sinceMs = nowMs();
    this.note(describeAct(step));
    try {
      if (pcm) await caller.say(pcm);
      if (step.does === 'wait') await sleep(step.ms);
      if (step.does === 'text') await caller.send({ type: 'text', text: step.text });
      if (step.does === 'send') await caller.send(step.message);
    } catch (error) {
      return `it could not be done: ${(error as Error).message}`;
    } finally {
      this.doneMs = nowMs();
    }
    if (pcm && step.does !== 'pause') this.note('is silent');
    return undefined;
  }

  private voiceOf(step: Step, voices: Voices): Promise<Int16Array> | undefined {
    if (step.does === 'say') return voices.say(step.words, step.wordGapMs);
    if (step.does === 'play') return voices.recording(step.recording);
    if (step.does === 'noise') return Promise.resolve(voices.noise(step.ms));
    if (step.does === 'pause') return Promise.resolve(new Int16Array((step.ms * RATE_HZ) / 1000));
    return undefined;
  }

  private async reach(step: StepThat<'when'>): Promise<string | undefined> {
    const { nowMs, patienceMs } = this.parts;
    const deadlineMs = nowMs() + (step.withinMs ?? 2 * patienceMs);
    const atMs = await this.until(() => this.momentOf(step), deadlineMs);
    if (atMs === undefined) return `it was not reached within ${step.withinMs ?? 2 * patienceMs} ms`;
    await sleep(Math.max(0, atMs + step.afterMs - nowMs()));
    this.sinceMs = atMs;
    this.doneMs = nowMs();
    return undefined;
  }

  /** When a moment was reached; undefined as long as it was not. */
  private momentOf({ moment, reply, with: fields }: StepThat<'when'>): number | undefined {
    const { caller, nowMs } = this.parts;
    if (moment.at === 'start') return nowMs();
    if (moment.at === 'quiet') return this.isQuiet() ? nowMs() : undefined;
    if (moment.at === 'sentence') return this.isAtSentence(moment, reply ?? caller.newestHeard) ? nowMs() : undefined;
    const wanted = { ...fields, ...(reply !== undefined && { reply }) };
    return this.eventsOf(moment.of, moment.type).find(({ event }) => !mismatch(wanted, event))?.atMs;
  }

  /** A reply that has begun or gone on since the last step is over, and nothing is to be heard any more. */
  private isQuiet(): boolean {
    const { caller, nowMs } = this.parts;
    const ended = caller.told.findLast(({ event }) => event.type === 'playout_ended');
    const begun = caller.told.findLast(({ event }) => event.type === 'reply_started');
    if (!ended || !begun || ended.atMs < this.sinceMs) return false;
    const isNewest = (ended.event as { reply: number }).reply >= (begun.event as { reply: number }).reply;
    return isNewest && caller.quietFromMs <= nowMs();
  }

  private isAtSentence({ sentence, state }: Extract<Moment, { at: 'sentence' }>, reply: number): boolean {
    const { caller, nowMs } = this.parts;
    const begun = caller.speaker.pieces.findLast(({ fromMs }) => fromMs <= nowMs());
    if (begun?.reply !== reply || begun.sentence !== sentence - 1) return false;
    return state === 'playing' ? caller.quietFromMs > nowMs() : caller.quietFromMs <= nowMs();
  }

  private async expect(step: StepThat<'expect'>): Promise<string | undefined> {
    const { patienceMs } = this.parts;
    const withinMs = step.withinMs ?? patienceMs;
    const untilMs = this.doneMs + withinMs;
    const look = () =>
      this.eventsOf(step.of, step.type, step.ever).find(
        ({ atMs, event }) => atMs <= untilMs && !mismatch(step.with, event),
      );
    const found = await this.until(look, untilMs);
    if (found) this.expected.add(found.event);
    if (step.absent) return found && `it came: ${describeEvent(found.event)}`;
    if (found) return undefined;
    const others = this.eventsOf(step.of, step.type, step.ever);
    if (others.length === 0) return `no ${step.type} came within ${withinMs} ms`;
    const near = others.map(({ atMs, event }) => {
      const why = mismatch(step.with, event) ?? `it came ${Math.round(atMs - untilMs)} ms too late`;
      return `${describeEvent(event)} (${why})`;
    });
    return `what came within ${withinMs} ms was ${near.join('; ')}`;
  }

  private async expectHeard(step: StepThat<'expect_heard'>): Promise<string | undefined> {
    const { caller, voices, patienceMs } = this.parts;
    const untilMs = this.doneMs + (step.withinMs ?? 2 * patienceMs);
    if (voices.hearsSlowly) await this.until(() => this.isQuiet() || undefined, untilMs);
    let heard: HeardWords = { text: '', voices: [] };
    const isHeard = async () => {
      heard = await voices.hear(concatPcm(caller.heard(step.reply ?? caller.newestHeard)));
      const isVoice = step.voice === undefined || heard.voices.includes(step.voice);
      return isVoice && voices.isHeard(step.text, heard);
    };
    let isFound = await isHeard();
    while (!isFound && !voices.hearsSlowly && this.parts.nowMs() < untilMs) {
      await sleep(HEAR_POLL_MS);
      isFound = await isHeard();
    }
    if (isFound !== step.absent) return undefined;
    const inVoices = heard.voices.length > 0 ? `, in the voices ${heard.voices.join(', ')}` : '';
    return `the speaker played "${heard.text}"${inVoices}`;
  }

  private async expectHistory(step: StepThat<'expect_history'>): Promise<string | undefined> {
    const { watch, patienceMs } = this.parts;
    const history = () =>
      watch.history.map(({ userText, replyText, interrupted, toolCalls }) => ({
        user: userText,
        agent: replyText.trim(),
        interrupted,
        tools: toolCalls.map(({ tool }) => tool),
      }));
    const isSo = () => mismatch(step.turns, history(), 'history') === undefined || undefined;
    if (await this.until(isSo, this.doneMs + (step.withinMs ?? patienceMs))) return undefined;
    return `${mismatch(step.turns, history(), 'history') ?? ''}: ${JSON.stringify(history())}`;
  }

  private eventsOf(of: 'edge' | 'log', type: string, ever = false): Timed<EdgeEvent | ParleyEvent>[] {
    const { caller, watch } = this.parts;
    const all: Timed<EdgeEvent | ParleyEvent>[] = of === 'edge' ? caller.told : watch.events;
    return all.filter(({ atMs, event }) => event.type === type && (ever || atMs >= this.sinceMs));
  }

  /** What it finds; undefined when the time is over. */
  private async until<T>(look: () => T | undefined, deadlineMs: number): Promise<T | undefined> {
    for (;;) {
      const found = look();
      if (found !== undefined || this.parts.nowMs() >= deadlineMs) return found;
      await sleep(POLL_MS);
    }
  }

  private note(what: string): void {
    this.parts.said.push({ atMs: this.parts.nowMs(), who: 'caller', what });
  }
}

function describeAct(step: Exclude<Step, { does: 'expect' | 'expect_heard' | 'expect_history' | 'when' }>): string {
  switch (step.does) {
    case 'say':
      return `says "${step.words}"`;
    case 'play':
      return `says the recording ${step.recording}`;
    case 'noise':
      return `makes a sound of ${step.ms} ms`;
    case 'pause':
      return `pauses for ${step.ms} ms`;
    case 'text':
      return `writes "${step.text}"`;
    case 'send':
      return `sends ${JSON.stringify(step.message)}`;
    case 'wait':
      return `waits for ${step.ms} ms`;
  }
}
