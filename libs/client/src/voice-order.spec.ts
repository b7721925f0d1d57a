import { describe, expect, it } from '@jest/globals';
import { VoiceOrder } from './voice-order.js';

const frame = (reply: number, sentence: number, pts: number, length = 4) => ({
  info: { reply, sentence, pts },
  pcm: Int16Array.from({ length }, (_, i) => pts + i),
});

describe('VoiceOrder', () => {
  it('lets what comes in order through as it is', () => {
    const order = new VoiceOrder();
    for (const each of [frame(1, 0, 0), frame(1, 0, 4), frame(1, 1, 0), frame(2, 0, 0)])
      expect(order.admit(each)).toEqual(each);
    expect(order.received).toBe('2.0.4');
  });

  it('cuts off what it had, and passes over what it had wholly', () => {
    const order = new VoiceOrder();
    order.admit(frame(1, 0, 0, 6));
    expect(order.admit(frame(1, 0, 2, 4))).toBeUndefined();
    expect(order.admit(frame(1, 0, 4, 4))).toEqual({
      info: { reply: 1, sentence: 0, pts: 6 },
      pcm: Int16Array.of(6, 7),
    });
    expect(order.received).toBe('1.0.8');
  });

  it('passes over sentences and replies that are behind', () => {
    const order = new VoiceOrder();
    order.admit(frame(2, 1, 0));
    for (const each of [frame(1, 3, 0), frame(2, 0, 100)]) expect(order.admit(each)).toBeUndefined();
  });

  it('goes on after a hole', () => {
    const order = new VoiceOrder();
    order.admit(frame(1, 0, 0));
    expect(order.admit(frame(1, 0, 100))).toEqual(frame(1, 0, 100));
  });

  it('has received nothing at first', () => {
    expect(new VoiceOrder().received).toBe('0.0.0');
  });
});
