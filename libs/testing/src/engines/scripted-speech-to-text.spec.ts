import { describe, expect, it } from '@jest/globals';
import type { SpeechToTextEvent, SpeechToTextStream } from '@parley/ports';
import { speechToTextConformance } from '@parley/ports/conformance';
import { FakeClock } from '../fake-clock.js';
import { createScriptedSpeechToText, type ScriptedSpeechToTextOptions } from './scripted-speech-to-text.js';
import { speakScripted } from './scripted-voice.js';

const RATE = 16_000;

async function open(options: ScriptedSpeechToTextOptions = {}) {
  const clock = new FakeClock();
  const engine = createScriptedSpeechToText({ latencyMs: 100, clock, ...options });
  const endOfTurn = { minSilenceMs: 300, maxSilenceMs: 1000 };
  const stream = await engine.open({ sessionId: 's1', sampleRateHz: RATE, language: 'en', endOfTurn });
  const events: SpeechToTextEvent[] = [];
  const reading = (async () => {
    for await (const event of stream.events) events.push(event);
  })();
  return { clock, engine, stream, events, reading };
}

async function write(stream: SpeechToTextStream, pcm: Int16Array, clock: FakeClock) {
  for (let at = 0; at < pcm.length; at += 320) {
    stream.write(pcm.subarray(at, at + 320));
    await clock.advance(0);
  }
}

const samples = {
  sampleRateHz: RATE,
  language: 'en',
  first: { pcm: speakScripted('Two large coffees.', RATE), words: ['two', 'large', 'coffees'] },
  second: { pcm: speakScripted('and one tea', RATE), words: ['one', 'tea'] },
};
speechToTextConformance('scripted', () => createScriptedSpeechToText({ latencyMs: 5 }), samples);
speechToTextConformance(
  'scripted that ends turns',
  () => createScriptedSpeechToText({ latencyMs: 5, endOfTurn: true }),
  samples,
);

const hum = (samples: number) => new Int16Array(samples).map((_, i) => Math.round(Math.sin(i / 9) * 4000));

describe('scripted speech to text', () => {
  it('gives interims word by word and the final a set time after the flush', async () => {
    const { clock, stream, events } = await open();
    await write(stream, speakScripted('two large coffees', RATE), clock);
    expect(events.map((event) => 'text' in event && event.text)).toEqual(['two', 'two large', 'two large coffees']);
    stream.flush();
    await clock.advance(99);
    expect(events).toHaveLength(3);
    await clock.advance(1);
    expect(events.slice(3)).toEqual([
      expect.objectContaining({ type: 'final', text: 'two large coffees', confidence: 1 }),
      { type: 'flushed' },
    ]);
  });

  it('hears a word that is written as two as the one first and as the other in the end', async () => {
    const { clock, stream, events } = await open();
    await write(stream, speakScripted('some meet/meat please', RATE), clock);
    stream.flush();
    await clock.advance(100);
    expect(events.slice(0, 4)).toEqual([
      { type: 'interim', text: 'some', stableChars: 4 },
      { type: 'interim', text: 'some meet', stableChars: 5 },
      { type: 'interim', text: 'some meet please', stableChars: 5 },
      expect.objectContaining({ type: 'final', text: 'some meat please' }),
    ]);
  });

  it('gives times within the utterance', async () => {
    const { clock, stream, events } = await open();
    await write(stream, new Int16Array(1600), clock);
    await write(stream, speakScripted('yes please', RATE), clock);
    stream.flush();
    await clock.advance(100);
    const final = events.find((event) => event.type === 'final');
    expect(final?.type === 'final' && final.words).toEqual([
      { word: 'yes', startMs: 100, endMs: 300 },
      { word: 'please', startMs: 340, endMs: 540 },
    ]);
  });

  it('puts what comes after a flush into the next final, and no word into two', async () => {
    const { clock, stream, events } = await open({ interim: false });
    const speech = speakScripted('one two', RATE);
    await write(stream, speech.subarray(0, 2560), clock);
    stream.flush();
    await write(stream, speech.subarray(2560), clock);
    stream.flush();
    await clock.advance(100);
    expect(events.map((event) => (event.type === 'final' ? event.text : event.type))).toEqual(['one', 'flushed', 'two', 'flushed']); // prettier-ignore
  });

  it('answers a flush of silence without a final', async () => {
    const { clock, stream, events } = await open({ script: ['never'] });
    await write(stream, new Int16Array(RATE), clock);
    stream.flush();
    await clock.advance(100);
    expect(events).toEqual([{ type: 'flushed' }]);
  });

  it('follows the script for a voice it cannot read', async () => {
    const { clock, stream, events } = await open({ script: ['first', 'second'] });
    for (let i = 0; i < 3; i++) {
      await write(stream, hum(3200), clock);
      stream.flush();
      await clock.advance(100);
    }
    expect(events.flatMap((event) => (event.type === 'final' ? event.text : []))).toEqual(['first', 'second', 'first']);
  });

  it('drops what was heard on reset, also of a flush that is under way', async () => {
    const { clock, stream, events } = await open({ interim: false });
    await write(stream, speakScripted('forget this', RATE), clock);
    stream.flush();
    stream.reset();
    await clock.advance(100);
    expect(events).toEqual([{ type: 'flushed' }]);
  });

  it.each([
    ['shortest silence after a sentence', 'That is all.', 300],
    ['longest silence after anything else', 'that is', 1000],
  ])('ends a turn in the %s', async (_, text, silenceMs) => {
    const { clock, stream, events } = await open({ endOfTurn: true, interim: false });
    const speech = speakScripted(text, RATE, { gapMs: 0 });
    await write(stream, speech, clock);
    await write(stream, new Int16Array((RATE / 1000) * (silenceMs - 20)), clock);
    await clock.advance(100);
    expect(events).toEqual([]);
    await write(stream, new Int16Array(RATE), clock);
    await clock.advance(100);
    expect(events).toEqual([
      expect.objectContaining({ type: 'final', text, endMs: (speech.length * 1000) / RATE + silenceMs }),
      { type: 'end_of_turn' },
    ]);
  });

  it('ends its events on close and refuses to be written to', async () => {
    const { clock, stream, reading } = await open();
    stream.flush();
    await stream.close();
    await stream.close();
    await reading;
    expect(clock.pending).toBe(0);
    expect(() => stream.write(new Int16Array(1))).toThrow(expect.objectContaining({ code: 'engine_closed' }));
  });

  it('refuses a rate it does not take, and more streams than it may have', async () => {
    const { engine, stream } = await open({ maxStreams: 1 });
    const options = { sessionId: 's2', sampleRateHz: RATE, language: 'en' };
    await expect(engine.open(options)).rejects.toMatchObject({ code: 'engine_busy' });
    await stream.close();
    await expect(engine.open({ ...options, sampleRateHz: 11_025 })).rejects.toMatchObject({ code: 'engine_settings' });
    await expect(engine.open(options)).resolves.toBeDefined();
  });
});
