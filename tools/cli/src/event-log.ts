import { closeSync, openSync, writeSync } from 'node:fs';
import type { EdgeEvent } from '@parley/contracts';
import { CliError, EXIT } from './cli-error.js';
import type { ConversationItem } from './conversation-item.js';

interface AudioRun {
  reply: number;
  sentence: number;
  frames: number;
  samples: number;
  durationMs: number;
  firstAtMs: number;
  lastAtMs: number;
}

/**
 * Writes a conversation as one JSON object a line. Every line has `at` (ms since 1970), `atMs` (since the log was
 * opened) and `type`: a gateway's event keeps its own, but for its resume token, which opens the session to whoever has
 * it; the command's are `cli_turn_opened`, `cli_caller_done`, `cli_connection_lost`, `cli_connection_resumed`,
 * `cli_audio` (all frames of one sentence that came together) and `cli_summary`.
 */
export class EventLog {
  readonly #fd: number;
  readonly #path: string;
  readonly #originMs: number;
  readonly #originWallMs: number;
  #audio: AudioRun | undefined;
  #failure: Error | undefined;

  /**
   * Creates or empties the file.
   * @param nowMs the command's clock at this moment; `atMs` of every item is on the same clock
   * @throws {CliError} `file_unwritable`
   */
  constructor(path: string, nowMs: number, wallMs: number = Date.now()) {
    this.#path = path;
    this.#originMs = nowMs;
    this.#originWallMs = wallMs;
    try {
      this.#fd = openSync(path, 'w');
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  add(item: ConversationItem): void {
    if (item.kind === 'audio') return this.#addAudio(item);
    this.#flushAudio();
    if (item.kind === 'event') this.#write(item.atMs, withoutToken(item.event));
    else if (item.kind === 'connection_lost') this.#write(item.atMs, { type: 'cli_connection_lost' });
    else if (item.kind === 'connection_resumed')
      this.#write(item.atMs, { type: 'cli_connection_resumed', afterMs: Math.round(item.afterMs) }); // prettier-ignore
    else if (item.kind === 'turn_opened') this.#write(item.atMs, { type: 'cli_turn_opened', label: item.label });
    else this.#write(item.atMs, { type: 'cli_caller_done' });
  }

  /**
   * Writes the last line and closes.
   * @throws {CliError} `file_unwritable` when a line could not be written
   */
  close(atMs: number, summary: Record<string, unknown>): void {
    this.#flushAudio();
    this.#write(atMs, { type: 'cli_summary', ...summary });
    closeSync(this.#fd);
    if (this.#failure) throw unwritable(this.#path, this.#failure);
  }

  #addAudio({ atMs, info, samples, durationMs }: Extract<ConversationItem, { kind: 'audio' }>): void {
    const { reply, sentence } = info;
    if (this.#audio?.reply !== reply || this.#audio.sentence !== sentence) this.#flushAudio();
    this.#audio ??= { reply, sentence, frames: 0, samples: 0, durationMs: 0, firstAtMs: atMs, lastAtMs: atMs };
    this.#audio.frames++;
    this.#audio.samples += samples;
    this.#audio.durationMs += durationMs;
    this.#audio.lastAtMs = atMs;
  }

  #flushAudio(): void {
    if (!this.#audio) return;
    const { firstAtMs, lastAtMs, ...run } = this.#audio;
    this.#audio = undefined;
    this.#write(firstAtMs, { type: 'cli_audio', ...run, lastAtMs: this.#sinceOpened(lastAtMs) });
  }

  #write(atMs: number, fields: Record<string, unknown>): void {
    const sinceMs = this.#sinceOpened(atMs);
    try {
      writeSync(
        this.#fd,
        `${JSON.stringify({ at: Math.round(this.#originWallMs + sinceMs), atMs: sinceMs, ...fields })}\n`,
      );
    } catch (cause) {
      this.#failure ??= cause as Error;
    }
  }

  #sinceOpened(atMs: number): number {
    return Math.round((atMs - this.#originMs) * 10) / 10;
  }
}

function withoutToken(event: EdgeEvent): Record<string, unknown> {
  const { resumeToken: _, ...rest } = event as EdgeEvent & { resumeToken?: string };
  return rest;
}

function unwritable(path: string, cause: unknown): CliError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new CliError('file_unwritable', `${path} cannot be written (${code ?? message})`, EXIT.usage, { cause });
}
