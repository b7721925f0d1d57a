import { describe, expect, it } from '@jest/globals';
import { encodeEvent, newSessionId, subjects, type ParleyEvent } from '@parley/contracts';
import { acceptedEvents, readLog } from './accepted-events.js';
import type { LoggedMessage } from './logged-message.js';

const sessionId = newSessionId();

function stored(event: Partial<ParleyEvent> & Record<string, unknown>): LoggedMessage {
  const whole = { id: 'x', sessionId, at: 1, seq: 1, epoch: 1, ...event } as unknown as ParleyEvent;
  return { subject: subjects.event('reply', sessionId), storedAtMs: 1, data: encodeEvent(whole) };
}

const claimed = (epoch: number) =>
  stored({ type: 'stage.claimed', stage: 'agent', epoch, replica: 'a', deliveries: 1 });
const sentence = (epoch: number, seq: number, text = `${epoch}.${seq}`) =>
  stored({ type: 'reply.sentence', stage: 'agent', epoch, seq, reply: 1, sentence: seq, text, spoken: text });
const texts = (events: ParleyEvent[]) =>
  events.flatMap((event) => (event.type === 'reply.sentence' ? [event.text] : []));

describe('reading a log', () => {
  it('drops what an owner wrote after a newer one had begun, and nothing of other stages', () => {
    const gateway = stored({ type: 'session.text', stage: 'gateway', text: 'hello' });
    const log = [claimed(3), sentence(3, 1), claimed(8), sentence(3, 2), gateway, sentence(8, 1)];
    expect(texts(acceptedEvents(log))).toEqual(['3.1', '8.1']);
    expect(readLog(log).map(({ verdict }) => verdict)).toEqual(
      ['accepted', 'accepted', 'accepted', 'fenced', 'accepted', 'accepted'], // prettier-ignore
    );
  });

  it('fences a gateway by the session that another one resumed', () => {
    const text = (epoch: number) => stored({ type: 'session.text', stage: 'gateway', epoch, seq: 2, text: 'hello' });
    const resumed = stored({ type: 'session.resumed', stage: 'gateway', epoch: 9, replica: 'b' });
    expect(readLog([text(4), resumed, text(4), text(9)]).map(({ verdict }) => verdict)).toEqual(
      ['accepted', 'accepted', 'fenced', 'accepted'], // prettier-ignore
    );
  });

  it('sees an event once that was stored twice', () => {
    const log = [sentence(1, 1), sentence(1, 2), sentence(1, 1)];
    expect(texts(acceptedEvents(log))).toEqual(['1.1', '1.2']);
    expect(readLog(log).filter(({ verdict }) => verdict === 'duplicate')).toHaveLength(1);
  });

  it('puts a retry that was stored late back to where it was written', () => {
    expect(texts(acceptedEvents([sentence(1, 1), sentence(1, 3), sentence(1, 2)]))).toEqual(['1.1', '1.2', '1.3']);
  });

  it('passes over what it does not know, and says so', () => {
    const odd = stored({ type: 'reply.danced' as never, stage: 'agent' });
    const broken = { ...odd, data: Buffer.from('{') };
    expect(readLog([odd, broken, sentence(1, 1)]).map(({ verdict }) => verdict)).toEqual(
      ['unknown', 'invalid', 'accepted'], // prettier-ignore
    );
  });
});
