import { kindOf, type EventOf, type EventType, type ParleyEvent, type Payload, type Stage } from '@parley/contracts';

const STAGE_OF: Record<string, Stage> = {
  session: 'gateway',
  playout: 'gateway',
  speech: 'stt',
  transcript: 'stt',
  reply: 'agent',
};

/** Makes events of one session as their stages would, numbered by kind. */
export class TurnEvents {
  private readonly seqs = new Map<string, number>();
  epoch = 1;

  make<T extends EventType>(type: T, payload: Payload<T>): EventOf<T> {
    const kind = kindOf(type);
    const stage = STAGE_OF[kind] ?? 'gateway';
    const lane = `${kind}.${stage}.${this.epoch}`;
    const seq = (this.seqs.get(lane) ?? 0) + 1;
    this.seqs.set(lane, seq);
    const envelope = { id: `${lane}.${seq}`, type, sessionId: 's1', seq, epoch: this.epoch, stage, at: 1 };
    return { ...envelope, ...payload } as unknown as EventOf<T>;
  }

  opened(mode: Payload<'session.opened'>['mode'] = 'voice-to-voice'): ParleyEvent {
    return this.make('session.opened', {
      agent: 'shop',
      mode,
      language: 'en',
      inputSampleRateHz: 16_000,
      outputSampleRateHz: 24_000,
      outputFrameMs: 20,
      door: 'ws',
    }) as ParleyEvent;
  }
}
