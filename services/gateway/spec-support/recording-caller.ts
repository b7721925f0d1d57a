import type { EdgeAudioInfo, EdgeEvent } from '@parley/contracts';
import type { Caller, Door } from '../src/session/caller.js';

/** A caller that keeps what it is sent and owes as much reading as a test says. */
export class RecordingCaller implements Caller {
  readonly events: EdgeEvent[] = [];
  readonly audio: { info: EdgeAudioInfo; pcm: Uint8Array }[] = [];
  bufferedBytes = 0;
  closedFor: string | undefined;

  constructor(readonly door: Door = 'ws') {}

  sendEvent(event: EdgeEvent): void {
    this.events.push(event);
  }
  sendAudio(info: EdgeAudioInfo, pcm: Uint8Array): void {
    this.audio.push({ info, pcm });
  }
  close(reason: string): void {
    this.closedFor = reason;
  }

  /** Types of the events so far; of an error its code, of a stage its name as well. */
  get heard(): string[] {
    return this.events.map((event) =>
      'code' in event ? [event.code, event.stage].filter(Boolean).join(' ') : event.type,
    );
  }
}
