import type { SessionWriter } from '@parley/bus';
import type { CallerMessage, ErrorCode } from '@parley/contracts';
import type { BusFailures } from './bus-failures.js';
import type { CallerMode } from './caller-mode.js';
import type { CallerNotices } from './caller-notices.js';
import type { CallerVoice } from './caller-voice.js';
import type { Caller } from './caller.js';
import { EdgeError } from './edge-error.js';
import { ErrorLimit } from './error-limit.js';
import type { GatewayParts } from './gateway-parts.js';
import { StoredTexts } from './stored-texts.js';

/** How long voice may be on its way after its caller was told that it writes now. */
const VOICE_ON_ITS_WAY_MS = 1000;

/** A message that is kept in the session's log. */
export type StoredMessage = Exclude<CallerMessage, { type: 'end' | 'played' }>;

/** What a caller says and writes, on its way to the bus: voice as the mode allows, messages in order of the switches. */
export class CallerInput {
  readonly #texts = new StoredTexts();
  readonly #errors: ErrorLimit;
  /** When the caller was told of the mode that it is in. */
  #modeToldMs = -Infinity;

  constructor(
    private readonly parts: Pick<GatewayParts, 'clock' | 'metrics'>,
    private readonly caller: Caller,
    private readonly notices: CallerNotices,
    private readonly writer: SessionWriter,
    private readonly failures: BusFailures,
    private readonly mode: CallerMode,
    private readonly voice: CallerVoice,
  ) {
    this.#errors = new ErrorLimit(parts.clock);
  }

  /**
   * Takes a frame of the caller's voice.
   * @returns why it was dropped; the caller has been told, at most once a second
   */
  audio(pcm: Uint8Array): ErrorCode | undefined {
    const code = this.mode.voiceIn ? this.voice.take(pcm) : this.voice.refuse(pcm);
    if (!code) return undefined;
    this.parts.metrics.framesDropped.inc({ reason: code });
    if (code === 'audio_not_expected' && this.#isVoiceOnItsWay) return code;
    if (this.#errors.admit(code)) this.notices.error(code);
    return code;
  }

  /**
   * Takes a message; resolves when it is stored.
   * @throws {EdgeError} `bus_unavailable`; the caller has not been told
   */
  async message(message: StoredMessage): Promise<void> {
    this.flush();
    try {
      await this.#store(message);
    } catch (cause) {
      this.failures.notStored(`session.${message.type}`, cause);
      throw new EdgeError('bus_unavailable', undefined, { cause });
    }
  }

  /** All that the caller has said so far goes to the bus. */
  flush(): void {
    this.voice.flush();
  }

  /** Called now and then: no voice waits for ever for more of it. */
  tick(): void {
    this.voice.tick();
  }

  /** The session's log has a text of this id. */
  noteText(messageId: string | undefined): void {
    this.#texts.note(messageId);
  }

  async #store(message: StoredMessage): Promise<void> {
    // What is said after a switch is said in the new mode.
    if (message.type !== 'mode') await this.mode.settled();
    switch (message.type) {
      case 'text': {
        const { text, id: messageId } = message;
        const payload = { text, ...(messageId !== undefined && { messageId }) };
        return this.#texts.once(messageId, async () => void (await this.writer.publish('session.text', payload)));
      }
      case 'mode':
        await this.mode.switchTo(message.mode);
        this.parts.metrics.modeSwitches.inc({ mode: message.mode });
        this.#modeToldMs = this.parts.clock.nowMs();
        return this.caller.sendEvent({ type: 'mode_changed', mode: message.mode });
      case 'commit':
        return void (await this.writer.publish('session.commit', { pts: this.voice.position }));
      case 'dtmf':
        return void (await this.writer.publish('session.dtmf', { digits: message.digits }));
    }
  }

  /** The caller cannot have heard yet that its voice is not expected any more. */
  get #isVoiceOnItsWay(): boolean {
    return this.mode.isSwitching || this.parts.clock.nowMs() - this.#modeToldMs < VOICE_ON_ITS_WAY_MS;
  }
}
