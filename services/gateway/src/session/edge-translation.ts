import { ERROR_CODES, type EdgeEvent, type ErrorCode, type EventOf, type ParleyEvent } from '@parley/contracts';
import { errorEvent } from './edge-error.js';

interface OpenReply {
  turn: number;
  /** What the caller has got of the text, as far as is known here. */
  sent: string;
  /** The caller got more of it from another gateway. */
  isPartial: boolean;
}

/** Says a session's bus events in the caller's words; remembers only what it takes to complete a reply's text. */
export class EdgeTranslation {
  readonly #open = new Map<number, OpenReply>();
  /** Text of replies up to here is complete: a token that comes behind is old. */
  #endedThrough = 0;

  /**
   * @param isSeen the caller was told of it by another gateway: it is only taken note of
   * @returns what the caller is to be told, in order; often nothing. The last has the event's id, so that the caller
   * has seen an event when it has seen all that came of it
   */
  translate(event: ParleyEvent, isSeen = false): EdgeEvent[] {
    const told = this.#say(event, isSeen);
    if (isSeen) return [];
    const last = told.at(-1);
    if (last && event.type !== 'text.delta') told[told.length - 1] = { ...last, id: event.id } as EdgeEvent;
    return told;
  }

  #say(event: ParleyEvent, isSeen: boolean): EdgeEvent[] {
    switch (event.type) {
      case 'session.answered':
        return [{ type: 'answered', by: event.by }];
      case 'speech.started':
        return [{ type: 'speech_started', utterance: event.utterance }];
      case 'speech.stopped':
        return [{ type: 'speech_stopped', utterance: event.utterance }];
      case 'transcript.interim': {
        const { text: transcript, stableChars, utterance } = event;
        return [{ type: 'stt_chunk', transcript, stableChars, utterance }];
      }
      case 'transcript.final':
        return [{ type: 'stt_output', transcript: event.text, utterance: event.utterance }];
      case 'turn.ended': {
        const { turn, text: transcript, eouDelayMs } = event;
        return [{ type: 'turn_ended', turn, transcript, eouDelayMs }];
      }
      case 'reply.started':
        // An owner that takes a reply over may write it anew.
        this.#open.set(event.reply, { turn: event.turn, sent: '', isPartial: isSeen });
        return [{ type: 'reply_started', reply: event.reply, turn: event.turn }];
      case 'text.delta':
        return this.#delta(event);
      case 'tool.called': {
        const { tool, args, reply, callId } = event;
        return [{ type: 'tool_call', tool, args, reply, callId }];
      }
      case 'tool.returned': {
        const { tool, ok, reply, callId } = event;
        // What went wrong is for the model, which tells the caller what the caller needs to know.
        const result = ok ? event.result : { error: 'tool_failed' };
        return [{ type: 'tool_result', tool, result, ok, reply, callId }];
      }
      case 'reply.ended':
        return this.#ended(event);
      case 'reply.interrupted':
        return this.#interrupted(event);
      case 'playout.started':
        return [{ type: 'playout_started', reply: event.reply }];
      case 'playout.ended': {
        const { reply, outcome } = event;
        const end: EdgeEvent = { type: 'playout_ended', reply, outcome };
        return outcome === 'interrupted' ? [{ type: 'audio_flush', reply }, end] : [end];
      }
      case 'stage.failed': {
        const code = Object.hasOwn(ERROR_CODES, event.code) ? (event.code as ErrorCode) : 'engine_failed';
        return [errorEvent(code, { stage: event.stage })];
      }
      default:
        return [];
    }
  }

  #delta({ reply, text, speaker }: EventOf<'text.delta'>): EdgeEvent[] {
    if (reply <= this.#endedThrough) return [];
    const open = this.#open.get(reply);
    if (open) open.sent += text;
    else this.#open.set(reply, { turn: 0, sent: text, isPartial: false });
    return [{ type: 'agent_chunk', text, reply, ...(speaker !== undefined && { speaker }) }];
  }

  #ended({ reply, turn, outcome, text }: EventOf<'reply.ended'>): EdgeEvent[] {
    if (reply <= this.#endedThrough) return [];
    const { sent = '', isPartial = false } = this.#close(reply) ?? {};
    const end: EdgeEvent = { type: 'agent_end', reply, turn, outcome, text };
    const isMissingItsEnd = !isPartial && text.length > sent.length && text.startsWith(sent);
    return isMissingItsEnd ? [{ type: 'agent_chunk', text: text.slice(sent.length), reply }, end] : [end];
  }

  #interrupted({ reply }: EventOf<'reply.interrupted'>): EdgeEvent[] {
    if (reply <= this.#endedThrough) return [];
    const open = this.#close(reply);
    return [{ type: 'agent_end', reply, turn: open?.turn ?? 0, outcome: 'interrupted', text: open?.sent ?? '' }];
  }

  #close(reply: number): OpenReply | undefined {
    const open = this.#open.get(reply);
    for (const each of this.#open.keys()) if (each <= reply) this.#open.delete(each);
    this.#endedThrough = Math.max(this.#endedThrough, reply);
    return open;
  }
}
