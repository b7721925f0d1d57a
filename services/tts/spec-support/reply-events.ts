import type { EventType, ParleyEvent, Payload } from '@parley/contracts';

/** An event as readers see it; the envelope does not matter to what is spoken. */
export function event<T extends EventType>(type: T, payload: Payload<T>): ParleyEvent {
  return {
    id: 'x',
    type,
    sessionId: 's',
    seq: 1,
    epoch: 1,
    stage: 'agent',
    at: 1,
    ...payload,
  } as unknown as ParleyEvent;
}

/** The events of replies and of their playout, with what matters to text to speech. */
export const say = {
  started: (reply: number) => event('reply.started', { reply, turn: reply, userText: '', answers: [] }),
  shown: (reply: number) => event('reply.started', { reply, turn: reply, userText: '', answers: [], shown: true }),
  readOn: (reply: number) =>
    event('playout.ended', { reply, outcome: 'interrupted', sentence: 0, playedMs: 1, totalMs: 1, shown: true }),
  sentence: (reply: number, sentence: number, spoken = `${reply}/${sentence}`, speaker?: string) =>
    event('reply.sentence', { reply, sentence, text: spoken, spoken, ...(speaker !== undefined && { speaker }) }),
  ended: (reply: number, sentences: number) =>
    event('reply.ended', { reply, turn: reply, outcome: 'completed', sentences, text: '', durationMs: 1 }),
  interrupted: (reply: number) => event('reply.interrupted', { reply, cause: 'speech', sentences: 0 }),
  progress: (reply: number, sentence: number) => event('playout.progress', { reply, sentence, playedMs: 1 }),
  played: (reply: number) =>
    event('playout.ended', { reply, outcome: 'completed', sentence: 0, playedMs: 1, totalMs: 1 }),
  closed: () => event('session.closed', { reason: 'hangup' }),
};
