import { describe, expect, it } from '@jest/globals';
import { AgentVoice } from './agent-voice.js';

const frame = (value: number) => new Int16Array(20).fill(value);

describe('AgentVoice', () => {
  it('plays frames one after the other, beginning anew after a pause', () => {
    const voice = new AgentVoice(1000, 1000);
    voice.accept(100, frame(1));
    voice.accept(105, frame(2));
    expect(voice.endsAtMs).toBe(140);
    voice.accept(500, frame(3));
    expect(voice.endsAtMs).toBe(520);
    expect(voice.recording()).toHaveLength(60);
  });

  it('throws away what was not played when it is flushed', () => {
    const voice = new AgentVoice(1000, 1000);
    voice.accept(0, frame(1));
    voice.accept(0, frame(2));
    voice.accept(0, frame(3));
    voice.flush(30);
    expect(voice.endsAtMs).toBe(30);
    expect(voice.recording()).toEqual(Int16Array.from([...frame(1), ...frame(2).subarray(0, 10)]));
    voice.flush(500);
    expect(voice.recording()).toHaveLength(30);
    expect(voice.endsAtMs).toBe(30);
  });

  it('counts what does not fit the recording and still knows when it ends', () => {
    const voice = new AgentVoice(1000, 30);
    voice.accept(0, frame(1));
    voice.accept(0, frame(2));
    expect(voice.recording()).toEqual(frame(1));
    expect(voice.droppedSamples).toBe(20);
    expect(voice.endsAtMs).toBe(40);
  });
});
