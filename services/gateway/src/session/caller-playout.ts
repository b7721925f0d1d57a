import type { EdgeAudioInfo, Payload } from '@parley/contracts';
import type { PlayoutDrop, PlayoutSink } from '../playout/playout-sink.js';
import type { CallerNotices } from './caller-notices.js';
import type { CallerPressure } from './caller-pressure.js';
import type { Caller } from './caller.js';
import type { GatewayParts } from './gateway-parts.js';
import { VOICE_SAMPLE_RATE_HZ } from './session-settings.js';

type PlayoutEventType = 'playout.started' | 'playout.progress' | 'playout.paused' | 'playout.resumed' | 'playout.ended';

/** Where a session's playout goes: voice and notices to the caller, reports to the bus, counts to the metrics. */
export class CallerPlayout implements PlayoutSink {
  constructor(
    private readonly parts: GatewayParts,
    private readonly caller: Caller,
    private readonly notices: CallerNotices,
    private readonly pressure: CallerPressure,
    /** @returns the event's id */
    private readonly publish: <T extends PlayoutEventType>(type: T, payload: Payload<T>) => string,
  ) {}

  audio(info: EdgeAudioInfo, pcm: Uint8Array): void {
    if (!this.pressure.admits(this.caller.bufferedBytes)) {
      this.#count('client_too_slow', pcm.byteLength / 2 / (VOICE_SAMPLE_RATE_HZ / 1000));
      return;
    }
    this.parts.metrics.framesOut.inc();
    this.caller.sendAudio(info, pcm);
  }

  started(event: Payload<'playout.started'>): void {
    const id = this.publish('playout.started', event);
    this.caller.sendEvent({ type: 'playout_started', reply: event.reply, id });
  }

  progress(event: Payload<'playout.progress'>): void {
    this.publish('playout.progress', event);
  }

  paused(event: Payload<'playout.paused'>, holds: boolean): void {
    if (holds) this.caller.sendEvent({ type: 'audio_pause', reply: event.reply });
    this.publish('playout.paused', event);
  }

  resumed(event: Payload<'playout.resumed'>, holds: boolean): void {
    if (holds) this.caller.sendEvent({ type: 'audio_resume', reply: event.reply });
    this.publish('playout.resumed', event);
  }

  ended(event: Payload<'playout.ended'>): void {
    const id = this.publish('playout.ended', event);
    this.caller.sendEvent({ type: 'playout_ended', reply: event.reply, outcome: event.outcome, id });
  }

  flush(reply: number): void {
    this.caller.sendEvent({ type: 'audio_flush', reply });
  }

  underrun(where: 'sentence' | 'between', durationMs: number): void {
    this.parts.metrics.underruns.inc({ kind: where });
    this.parts.metrics.underrunSeconds.observe({ kind: where }, durationMs / 1000);
  }

  late(byMs: number): void {
    this.parts.metrics.lateSeconds.observe(byMs / 1000);
  }

  dropped(reason: PlayoutDrop, durationMs: number): void {
    this.#count(reason, durationMs);
  }

  overflowed(): void {
    this.#tell();
  }

  stalled(): void {
    this.#tell();
  }

  #tell(): void {
    this.notices.error('engine_failed', 'tts');
  }

  #count(reason: PlayoutDrop | 'client_too_slow', durationMs: number): void {
    this.parts.metrics.voiceDroppedSeconds.inc({ reason }, durationMs / 1000);
  }
}
