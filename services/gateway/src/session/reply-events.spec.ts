import { describe, expect, it } from '@jest/globals';
import { dtmfTones, pcmToBytes } from '@parley/audio';
import { setUpCall } from '../../spec-support/call-setup.js';

const KEYS = { reply: 1, sentence: 1, text: '', spoken: '', digits: '12#' };

describe('keys that the agent presses', () => {
  it('sound behind what was said before, and what is said then behind them', async () => {
    const { clock, caller, agent, bus, started, ended, speak, tts, playoutsEnded } = await setUpCall('voice-to-voice');
    await started(1, false);
    await agent.publish('reply.sentence', { reply: 1, sentence: 0, text: 'Now.', spoken: 'Now.' });
    await agent.publish('reply.sentence', KEYS);
    await speak(1, 3200);
    const payload = Buffer.alloc(640, 1);
    tts.audio('out', { codec: 'pcm_s16le', sampleRateHz: 16_000, reply: 1, sentence: 2, pts: 0, lastOfSentence: true, lastOfReply: false, payload }); // prettier-ignore
    await ended(1, { sentences: 3 });
    clock.advance(2000);
    await bus.settled();
    const voice = Buffer.concat(caller.audio.map(({ pcm }) => pcm));
    const tones = Buffer.from(pcmToBytes(dtmfTones('12#', 16_000)));
    expect(voice).toEqual(Buffer.concat([Buffer.alloc(6400), tones, payload]));
    expect(playoutsEnded()).toMatchObject([{ outcome: 'completed', totalMs: 200 + 480 + 20 }]);
  });

  it('are not waited for when the caller reads', async () => {
    const { clock, caller, agent, bus, started, ended, playoutsEnded } = await setUpCall('voice-to-text');
    await started(1, true);
    await agent.publish('reply.sentence', { ...KEYS, sentence: 0 });
    await ended(1);
    clock.advance(2000);
    await bus.settled();
    expect([caller.audio, playoutsEnded()]).toEqual([[], []]);
  });

  it('sound once when another gateway goes on in the middle of them', async () => {
    const { clock, caller, agent, session, started, ended, resume } = await setUpCall('voice-to-voice');
    await started(1, false);
    await agent.publish('reply.sentence', { ...KEYS, sentence: 0 });
    await ended(1);
    clock.advance(100);
    session.suspend();
    const heard = Buffer.concat(caller.audio.map(({ pcm }) => pcm));
    const again = await resume(`1.0.${heard.length / 2}`);
    clock.advance(2000);
    const rest = Buffer.concat(again.caller.audio.map(({ pcm }) => pcm));
    expect(Buffer.concat([heard, rest])).toEqual(Buffer.from(pcmToBytes(dtmfTones('12#', 16_000))));
  });
});
