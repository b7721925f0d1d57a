import type { ClaimedStage, Mode } from '@parley/contracts';

/** Stages that a session of this mode needs, in the order in which a turn passes them. */
export function stagesOf(mode: Mode): ClaimedStage[] {
  const stages: ClaimedStage[] = mode.startsWith('voice-') ? ['stt', 'agent'] : ['agent'];
  return isHeard(mode) ? [...stages, 'tts'] : stages;
}

/** Whether the agent's replies are heard in this mode, and not only read. */
export function isHeard(mode: Mode): boolean {
  return mode.endsWith('-voice');
}

/** What a switch takes of the session. */
export interface ModeSwitching {
  /** Offers the session to a stage that has never had it. */
  offer(stage: ClaimedStage): Promise<void>;
  /** Gets ready for the agent's voice, before anybody can make any. */
  listen(): Promise<void>;
  /** Writes the mode to the log. */
  store(mode: Mode): Promise<unknown>;
  /** The session is in this mode from here on. */
  become(mode: Mode): void;
}

/** The mode that a session's caller is in. Switches come one after the other, each stage is offered once. */
export class CallerMode {
  #current: Mode;
  readonly #offered: Set<ClaimedStage>;
  #switches: Promise<unknown> = Promise.resolve();
  #pending = 0;

  /** @param offered stages that may have been offered the session, by whichever gateway */
  constructor(
    mode: Mode,
    offered: readonly ClaimedStage[],
    private readonly switching: ModeSwitching,
  ) {
    this.#current = mode;
    this.#offered = new Set(offered);
  }

  get current(): Mode {
    return this.#current;
  }

  get voiceIn(): boolean {
    return this.#current.startsWith('voice-');
  }

  get voiceOut(): boolean {
    return isHeard(this.#current);
  }

  /** A switch was asked for and is not done. */
  get isSwitching(): boolean {
    return this.#pending > 0;
  }

  /** A stage has the session, whoever has offered it. */
  noteTaken(stage: string): void {
    this.#offered.add(stage as ClaimedStage);
  }

  /** Resolves when every switch that was asked for is done or has failed. */
  async settled(): Promise<void> {
    await this.#switches;
  }

  /**
   * Switches when the switches before are done; resolves when the log has it.
   * @throws {BusError} then the session stays in the mode that it was in
   */
  switchTo(mode: Mode): Promise<void> {
    this.#pending++;
    const done = this.#switches.then(() => this.#switch(mode)).finally(() => this.#pending--);
    this.#switches = done.catch(() => undefined);
    return done;
  }

  async #switch(mode: Mode): Promise<void> {
    const former = this.#current;
    const { offer, listen, store } = this.switching;
    if (isHeard(mode)) await listen();
    const missing = stagesOf(mode).filter((stage) => !this.#offered.has(stage));
    await Promise.all(missing.map(async (stage) => offer(stage).then(() => this.#offered.add(stage))));
    const stored = store(mode);
    // Whatever a stage does in the new mode comes after this.
    this.#become(mode);
    try {
      await stored;
    } catch (error) {
      this.#become(former);
      throw error;
    }
  }

  #become(mode: Mode): void {
    this.#current = mode;
    this.switching.become(mode);
  }
}
