import { describe, expect, it } from '@jest/globals';
import { SeenEvents } from './seen-events.js';

describe('SeenEvents', () => {
  it('counts an event once, and what is older in its lane as seen', () => {
    const seen = new SeenEvents();
    expect(seen.add('reply.agent.4.2')).toBe(true);
    expect(seen.add('reply.agent.4.2')).toBe(false);
    expect(seen.add('reply.agent.4.1')).toBe(false);
    expect(seen.add('reply.agent.3.9')).toBe(false);
    expect(seen.add('reply.agent.5.1')).toBe(true);
    expect(seen.add('speech.stt.1.1')).toBe(true);
  });

  it('is the same after it was written and read', () => {
    const seen = new SeenEvents();
    for (const id of ['reply.agent.4.2', 'speech.stt.1.1', 'reply.agent.5.10']) seen.add(id);
    expect(seen.encode()).toBe('reply.agent:5.10,speech.stt:1.1');
    const read = SeenEvents.decode(seen.encode());
    expect(read.has('reply.agent.5.10')).toBe(true);
    expect(read.has('reply.agent.5.11')).toBe(false);
    expect(SeenEvents.decode('').encode()).toBe('');
  });

  it('takes an id of another shape as new each time', () => {
    const seen = new SeenEvents();
    expect([seen.add('made-up'), seen.add('made-up')]).toEqual([true, true]);
    expect(seen.encode()).toBe('');
  });

  it.each(['reply.agent', 'reply.agent:1', 'a.b:1.2,', 'a.b:1.2;c.d:1.1'])('refuses "%s"', (text) => {
    expect(() => SeenEvents.decode(text)).toThrow(expect.objectContaining({ code: 'invalid_event' }));
  });
});
