import type { EdgeEvent } from '@parley/contracts';
import type { ConversationItem } from './conversation-item.js';
import { printable, styled, type Style, type Terminal } from './terminal.js';

const MARGIN = 7;
const MAX_JSON_CHARS = 300;

/**
 * Shows a conversation as it happens. On a terminal an interim transcript is rewritten in its line and the agent's text
 * appears as it streams; elsewhere every line is written once, when it is complete.
 */
export class ConversationRenderer {
  readonly #terminal: Terminal;
  readonly #echoTurns: 'wav' | 'text' | 'none';
  #open: 'none' | 'interim' | 'agent' = 'none';
  readonly #streamed = new Set<number>();

  /** @param options.echoTurns how a turn of the caller is shown: as the WAV's name, as its text, or not at all */
  constructor(terminal: Terminal, options: { echoTurns: 'wav' | 'text' | 'none' }) {
    this.#terminal = terminal;
    this.#echoTurns = options.echoTurns;
  }

  show(item: ConversationItem): void {
    if (item.kind === 'event') this.#showEvent(item.event);
    else if (item.kind === 'connection_lost') this.note('connection lost, resuming');
    else if (item.kind === 'connection_resumed') this.note(`resumed after ${Math.round(item.afterMs)} ms`);
    else if (item.kind === 'turn_opened' && this.#echoTurns === 'text') this.#line('you', item.label, 'cyan');
    else if (item.kind === 'turn_opened' && this.#echoTurns === 'wav') this.note(`playing ${printable(item.label)}`);
  }

  /** Ends a line that is still open, so that something else can be written. */
  break(): void {
    if (this.#open === 'interim') this.#terminal.write('\r\x1b[2K');
    else if (this.#open === 'agent') this.#terminal.write('\n');
    this.#open = 'none';
  }

  /** Writes a line about the conversation; nothing for an empty text. */
  note(text: string): void {
    this.break();
    if (text !== '') this.#terminal.write(styled(this.#terminal, 'dim', text) + '\n');
  }

  /** Writes an error of the conversation that does not end it. */
  error({ code, message }: { code: string; message: string }): void {
    this.break();
    this.#terminal.write(styled(this.#terminal, 'red', printable(`error ${code}: ${message}`)) + '\n');
  }

  #showEvent(event: EdgeEvent): void {
    switch (event.type) {
      case 'session_started':
        return this.note(`session ${printable(event.sessionId)}, agent ${printable(event.agent)}, ${event.mode}`);
      case 'session_ended':
        return this.note(`session ended: ${printable(event.reason)}`);
      case 'answered':
        return this.note(`answered by ${event.by}`);
      case 'stt_chunk':
        return this.#interim(event.transcript, event.stableChars);
      case 'stt_output':
        return this.#line('you', event.transcript, 'cyan');
      case 'agent_chunk':
        return this.#stream(event.reply, event.text);
      case 'agent_end':
        return this.#replyEnd(event);
      case 'tool_call':
        return this.#line('tool', `${event.tool} ${json(event.args)}`);
      case 'tool_result':
        return this.#line('tool', `${event.tool} ${event.ok ? 'gave' : 'failed:'} ${json(event.result)}`);
      case 'stage_restored':
        return this.note(`${printable(event.stage)} is back`);
      case 'error':
        return this.error(event);
    }
  }

  #interim(transcript: string, stableChars: number): void {
    if (!this.#terminal.rewritable) return;
    this.break();
    const room = Math.max(1, this.#terminal.columns - MARGIN - 1);
    const cut = Math.max(0, transcript.length - room);
    const stable = printable(transcript.slice(cut, Math.max(cut, stableChars)));
    const unstable = printable(transcript.slice(Math.max(cut, stableChars)));
    this.#terminal.write(this.#label('you', 'dim') + stable + styled(this.#terminal, 'dim', unstable));
    this.#open = 'interim';
  }

  #stream(reply: number, text: string): void {
    if (!this.#terminal.rewritable) return;
    if (this.#open !== 'agent') {
      this.break();
      this.#terminal.write(this.#label('agent', 'green'));
      this.#open = 'agent';
    }
    this.#streamed.add(reply);
    this.#terminal.write(printable(text));
  }

  #replyEnd(event: Extract<EdgeEvent, { type: 'agent_end' }>): void {
    if (!this.#streamed.delete(event.reply) && event.text !== '') this.#line('agent', event.text, 'green');
    this.break();
    if (event.outcome !== 'completed') this.note(`reply ${event.outcome}`);
  }

  #line(label: string, text: string, style: Style = 'dim'): void {
    this.break();
    this.#terminal.write(`${this.#label(label, style)}${printable(text)}\n`);
  }

  #label(label: string, style: Style): string {
    return styled(this.#terminal, style, label.padEnd(MARGIN));
  }
}

function json(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > MAX_JSON_CHARS ? `${text.slice(0, MAX_JSON_CHARS)}…` : text;
}
