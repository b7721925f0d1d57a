import { EngineError } from '@parley/ports';
import type { DecoderReport } from './decoder-protocol.js';
import type { Decoder } from './decoder-thread.js';
import { INSTALL_HINT } from './model-files.js';
import type { PocketsphinxSettings } from './pocketsphinx-options.js';
import { PIECE_SAMPLES, SAMPLE_RATE_HZ, type Utterance } from './utterance.js';

/** Audio that a decoder holds and has not worked through: enough to keep it busy, little enough to abandon soon. */
const AHEAD_SAMPLES = 3 * PIECE_SAMPLES;
const SAMPLES_PER_MS = SAMPLE_RATE_HZ / 1000;

interface Slot {
  readonly decoder: Decoder;
  /** Key terms of the utterance before, which the decoder has at hand. */
  terms: string;
  /** From `begin` until the decoder has ended the utterance. */
  busy: boolean;
  /** Absent when idle, and when what the decoder is ending is not wanted any more. */
  utterance: Utterance | undefined;
  /** `finish` or `abandon` has been posted. */
  ending: boolean;
  idleTimer: NodeJS.Timeout | undefined;
}

/** Decoders and the utterances in line for them: one utterance leases one decoder until it ends. */
export class DecoderPool {
  readonly #slots = new Set<Slot>();
  readonly #ignoredTerms = new Set<string>();
  #waiting: Utterance[] = [];
  #waitingSamples = 0;
  #growing: Promise<void> | undefined;
  #closed = false;
  #refusedUtterances = 0;
  #refusedSamples = 0;
  #lostDecoders = 0;

  constructor(
    private readonly settings: PocketsphinxSettings,
    private readonly start: () => Promise<Decoder>,
  ) {}

  get stats() {
    return {
      decoders: this.#slots.size,
      leased: [...this.#slots].filter((slot) => slot.busy).length,
      waiting: this.#waiting.length,
      waitingMs: this.#waitingSamples / SAMPLES_PER_MS,
      refusedUtterances: this.#refusedUtterances,
      refusedMs: this.#refusedSamples / SAMPLES_PER_MS,
      lostDecoders: this.#lostDecoders,
      ignoredTerms: [...this.#ignoredTerms],
    };
  }

  /**
   * Sees to it that there is a decoder.
   * @throws {EngineError} `engine_missing`, `engine_unavailable`, `engine_closed`
   */
  async warm(): Promise<void> {
    if (this.#closed) throw closedError();
    if (this.#slots.size === 0) await this.#grow();
  }

  /** Has idle decoders load key terms before an utterance needs them. */
  prepare(terms: readonly string[]): void {
    const key = JSON.stringify(terms);
    for (const slot of this.#slots) {
      if (slot.busy || slot.terms === key) continue;
      slot.terms = key;
      slot.decoder.post({ type: 'prepare', terms });
    }
  }

  /** Puts an utterance in line for a decoder. */
  submit(utterance: Utterance): void {
    utterance.state = 'waiting';
    this.#waiting.push(utterance);
    this.#dispatch();
  }

  /**
   * Takes audio of an utterance, wherever it stands.
   * @returns false when too much is waiting: the utterance is over then
   */
  accept(utterance: Utterance, pcm: Int16Array): boolean {
    if (utterance.state !== 'leased') {
      if (this.#waitingSamples + pcm.length > this.settings.maxWaitingMs * SAMPLES_PER_MS) {
        this.#refusedUtterances += 1;
        this.#refusedSamples += utterance.bufferedSamples + pcm.length;
        this.drop(utterance);
        return false;
      }
      this.#waitingSamples += pcm.length;
    }
    utterance.append(pcm);
    this.#advance(utterance);
    return true;
  }

  /** Ends an utterance: its recognition follows. */
  end(utterance: Utterance): void {
    utterance.ended = true;
    this.#advance(utterance);
  }

  /** Forgets an utterance; its listener hears no more of it. */
  drop(utterance: Utterance): void {
    const slot = this.#slotOf(utterance);
    if (slot) {
      this.#release(slot);
      if (!slot.ending) slot.decoder.post({ type: 'abandon' });
      slot.ending = true;
    } else if (utterance.state !== 'over') {
      this.#waiting = this.#waiting.filter((other) => other !== utterance);
      this.#waitingSamples -= utterance.bufferedSamples;
    }
    utterance.state = 'over';
    utterance.discard();
  }

  /** Frees the decoders. Nothing is heard of utterances that are still here. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const utterance of [...this.#waiting]) this.drop(utterance);
    await this.#growing?.catch(() => undefined);
    const slots = [...this.#slots];
    this.#slots.clear();
    for (const slot of slots) this.#release(slot);
    await Promise.all(slots.map(({ decoder }) => decoder.quit()));
  }

  #slotOf(utterance: Utterance): Slot | undefined {
    return [...this.#slots].find((slot) => slot.utterance === utterance);
  }

  #advance(utterance: Utterance): void {
    const slot = this.#slotOf(utterance);
    if (!slot) return;
    slot.idleTimer?.refresh();
    this.#feed(slot, utterance);
  }

  #dispatch(): void {
    for (let next = this.#waiting[0]; next && !this.#closed; next = this.#waiting[0]) {
      const terms = JSON.stringify(next.terms);
      const idle = [...this.#slots].filter((slot) => !slot.busy);
      const slot = idle.find((candidate) => candidate.terms === terms) ?? idle[0];
      if (!slot) {
        // Its failure reaches the utterances in line.
        if (this.#slots.size < this.settings.decoders) this.#grow().catch(() => undefined);
        return;
      }
      this.#waiting.shift();
      this.#lease(slot, next, terms);
    }
  }

  #lease(slot: Slot, utterance: Utterance, terms: string): void {
    this.#waitingSamples -= utterance.bufferedSamples;
    utterance.state = 'leased';
    Object.assign(slot, { utterance, terms, busy: true, ending: false });
    slot.idleTimer = setTimeout(() => {
      if (!utterance.ended) utterance.listener.onIdle();
    }, this.settings.idleMs);
    slot.decoder.post({ type: 'begin', terms: utterance.terms, mean: utterance.mean() });
    this.#feed(slot, utterance);
  }

  #feed(slot: Slot, utterance: Utterance): void {
    while (utterance.decodingSamples < AHEAD_SAMPLES) {
      const pcm = utterance.take();
      if (!pcm) break;
      utterance.decodingSamples += pcm.length;
      slot.decoder.post({ type: 'decode', pcm });
    }
    if (utterance.ended && utterance.bufferedSamples === 0 && !slot.ending) {
      slot.ending = true;
      slot.decoder.post({ type: 'finish' });
    }
  }

  #release(slot: Slot): void {
    clearTimeout(slot.idleTimer);
    slot.utterance = undefined;
  }

  #onReport(slot: Slot, report: DecoderReport): void {
    const { utterance } = slot;
    switch (report.type) {
      case 'prepared':
        for (const term of report.ignoredTerms) this.#ignoredTerms.add(term);
        return;
      case 'decoded':
        if (!utterance) return;
        utterance.decodingSamples -= report.samples;
        this.#feed(slot, utterance);
        utterance.listener.onText(report.text);
        return;
      case 'finished':
      case 'abandoned':
        this.#release(slot);
        slot.busy = false;
        if (utterance && report.type === 'finished') {
          utterance.state = 'over';
          utterance.listener.onRecognition(report.recognition);
        }
        this.#dispatch();
        return;
      default:
        this.#onExit(slot, new Error(`unexpected report ${report.type}`));
    }
  }

  #onExit(slot: Slot, cause: unknown): void {
    if (!this.#slots.delete(slot)) return;
    const { utterance } = slot;
    this.#release(slot);
    this.#lostDecoders += 1;
    if (utterance) {
      utterance.state = 'over';
      utterance.listener.onFailure(
        new EngineError('engine_unavailable', 'pocketsphinx: the decoder broke; another takes its place', true, {
          cause,
        }),
      );
    }
    this.#dispatch();
  }

  /** Loads one more decoder. One at a time: what the libraries do while they load is not safe beside another load. */
  #grow(): Promise<void> {
    this.#growing ??= this.#load()
      .catch((error: EngineError) => {
        for (const utterance of this.#waiting.splice(0)) {
          this.#waitingSamples -= utterance.bufferedSamples;
          utterance.state = 'over';
          utterance.listener.onFailure(error);
        }
        throw error;
      })
      .finally(() => {
        this.#growing = undefined;
        this.#dispatch();
      });
    return this.#growing;
  }

  async #load(): Promise<void> {
    const decoder = await this.start();
    await new Promise<void>((resolve, reject) => {
      decoder.onReport = (report) => (report.type === 'ready' ? resolve() : reject(loadError(report)));
      decoder.onExit = (cause) =>
        reject(new EngineError('engine_unavailable', 'pocketsphinx: a decoder broke while loading', true, { cause }));
    });
    if (this.#closed) {
      await decoder.quit();
      throw closedError();
    }
    const slot: Slot = {
      decoder,
      terms: '[]',
      busy: false,
      utterance: undefined,
      ending: false,
      idleTimer: undefined,
    };
    decoder.onReport = (report) => this.#onReport(slot, report);
    decoder.onExit = (cause) => this.#onExit(slot, cause);
    this.#slots.add(slot);
  }
}

function closedError(): EngineError {
  return new EngineError('engine_closed', 'pocketsphinx: the engine is closed', false);
}

function loadError(report: DecoderReport): EngineError {
  if (report.type !== 'load_failed') {
    return new EngineError('engine_protocol', `pocketsphinx: a decoder began with ${report.type}`, false);
  }
  return report.missing
    ? new EngineError('engine_missing', `pocketsphinx: ${report.message}; ${INSTALL_HINT}`, false)
    : new EngineError('engine_settings', `pocketsphinx: ${report.message}`, false);
}
