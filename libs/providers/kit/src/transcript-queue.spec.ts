import { describe, expect, it } from '@jest/globals';
import { EngineError, type SpeechToTextEvent } from '@parley/ports';
import { TranscriptQueue } from '@parley/provider-kit';

async function drain(queue: TranscriptQueue): Promise<SpeechToTextEvent[]> {
  const events: SpeechToTextEvent[] = [];
  for await (const event of queue) events.push(event);
  return events;
}

describe('TranscriptQueue', () => {
  it('replaces an unread interim result by the next one, and counts it', async () => {
    let superseded = 0;
    const queue = new TranscriptQueue(() => (superseded += 1));
    for (const text of ['i', 'i would', 'i would like']) queue.push({ type: 'interim', text });
    const reading = drain(queue);
    const error = new EngineError('engine_unavailable', 'broke', true);
    await Promise.resolve();
    queue.end({ type: 'error', error });
    expect(await reading).toEqual([
      { type: 'interim', text: 'i would like' },
      { type: 'error', error },
    ]);
    expect(superseded).toBe(2);
  });

  it('refuses events when nobody reads', () => {
    const queue = new TranscriptQueue(() => undefined);
    const accepted = Array.from({ length: 300 }, () => queue.push({ type: 'flushed' }));
    expect(accepted.filter(Boolean)).toHaveLength(256);
    expect(accepted.at(-1)).toBe(false);
  });

  it('keeps finals that are unread when it ends with an error, and drops interim results', async () => {
    const queue = new TranscriptQueue(() => undefined);
    queue.push({ type: 'final', text: 'yes' });
    queue.push({ type: 'interim', text: 'no' });
    const error = new EngineError('engine_busy', 'full', true);
    queue.end({ type: 'error', error });
    expect((await drain(queue)).map(({ type }) => type)).toEqual(['final', 'error']);
  });

  it('drops everything unread when it ends without a last event, and takes nothing more', async () => {
    const queue = new TranscriptQueue(() => undefined);
    queue.push({ type: 'final', text: 'yes' });
    queue.end();
    queue.push({ type: 'flushed' });
    expect(await drain(queue)).toEqual([]);
  });
});
