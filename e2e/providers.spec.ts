import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@parley/testing';
import { startAnthropicEmulator, startAssemblyAiEmulator, startCartesiaEmulator, startDeepgramEmulator, startElevenLabsEmulator, startOpenAiEmulator, type Emulator } from '@parley/testing/emulators'; // prettier-ignore
import { readScripted, speakScripted } from '@parley/testing/engines';
import { startSystem, type RunningSystem } from '../tools/system.mjs';
import { WsCaller } from './ws-caller.js';

const RATE_HZ = 16_000;
const KEYS = ['ASSEMBLYAI', 'DEEPGRAM', 'OPENAI', 'ANTHROPIC', 'ELEVENLABS', 'CARTESIA'];

let system: RunningSystem | undefined;
const emulators: Emulator[] = [];

/** The system on chains of two providers each, all of them emulated. */
async function start() {
  const started = await Promise.all([
    startAssemblyAiEmulator(),
    startDeepgramEmulator(),
    startOpenAiEmulator(),
    startAnthropicEmulator(),
    startElevenLabsEmulator(),
    startCartesiaEmulator(),
  ]);
  emulators.push(...started);
  const [assemblyai, deepgram, openai, anthropic, elevenlabs, cartesia] = started;
  system = await startSystem({
    quiet: true,
    env: {
      STT_ENGINE: 'assemblyai > deepgram',
      LLM_ENGINE: 'openai > anthropic',
      TTS_ENGINE: 'elevenlabs > cartesia',
      // The scripted voice is none to Silero.
      STT_VAD: 'webrtc',
      PROVIDER_CONNECT_TIMEOUT_MS: '2000',
      PROVIDER_ANSWER_TIMEOUT_MS: '2000',
      ...Object.fromEntries(KEYS.map((vendor) => [`${vendor}_API_KEY`, `key-of-${vendor}`])),
      ASSEMBLYAI_BASE_URL: assemblyai.wsUrl,
      DEEPGRAM_BASE_URL: deepgram.wsUrl,
      OPENAI_BASE_URL: `${openai.url}/v1`,
      ANTHROPIC_BASE_URL: anthropic.url,
      ELEVENLABS_BASE_URL: elevenlabs.url,
      CARTESIA_BASE_URL: cartesia.url,
    },
  });
  const caller = await WsCaller.connect(system.urls.gateway);
  return { system, caller, assemblyai, deepgram, openai, anthropic, elevenlabs, cartesia };
}

afterEach(async () => {
  await system?.stop();
  system = undefined;
  await Promise.all(emulators.splice(0).map((emulator) => emulator.stop()));
});

/** What the caller heard of one reply, from here on. */
function hearing(caller: WsCaller) {
  const from = caller.messages.length;
  const audioFrom = caller.audio.length;
  return async () => {
    await caller.until(({ type }) => type === 'agent_end', 20_000, from);
    await caller.until(({ type }) => type === 'playout_ended', 20_000, from);
    const pcm = Int16Array.from(caller.audio.slice(audioFrom).flatMap((chunk) => [...chunk]));
    return { pcm, text: readScripted(pcm).text.toLowerCase(), messages: caller.messages.slice(from) };
  };
}

async function metricsOf(url: string): Promise<string> {
  return (await fetch(`${url}/metrics`)).text();
}

describe('a call on providers', () => {
  it('goes through all three, and on with others when each of them dies in the middle', async () => {
    const { system, caller, assemblyai, openai, elevenlabs } = await start();

    const first = hearing(caller);
    await caller.speak(speakScripted('good morning to everybody', RATE_HZ));
    expect((await first()).text).toContain('good morning to everybody');

    // Speech to text dies in the middle of an utterance: every word is in the answer.
    const second = hearing(caller);
    const said = 'one two three four five six seven eight nine ten';
    const pcm = speakScripted(said, RATE_HZ);
    const middle = Math.floor(pcm.length / 2);
    await caller.speak(pcm.subarray(0, middle));
    await assemblyai.stop();
    await caller.speak(pcm.subarray(middle));
    expect((await second()).text).toContain(said);
    expect(await metricsOf(system.urls.stt)).toMatch(
      /parley_provider_fallbacks_total\{.*from="assemblyai".*to="deepgram"/,
    );

    // The language model dies between turns.
    await openai.stop();
    const third = hearing(caller);
    await caller.speak(speakScripted('are you still there', RATE_HZ));
    expect((await third()).text).toContain('are you still there');
    expect(await metricsOf(system.urls.agent)).toMatch(
      /parley_provider_fallbacks_total\{.*from="openai".*to="anthropic"/,
    );

    // Text to speech dies in the middle of a reply: the rest is said with the next voice.
    const fourth = hearing(caller);
    const long = 'alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa';
    const from = caller.audio.length;
    await caller.speak(speakScripted(long, RATE_HZ));
    await eventually(() => caller.audio.length > from, { what: 'the first of the reply', deadlineMs: 20_000 });
    await elevenlabs.stop();
    const heard = await fourth();
    for (const word of long.split(' ')) expect(heard.text).toContain(word);
    caller.close();
  }, 120_000);

  it('loses no word of a caller who speaks at once, with a connection that takes one and a half seconds', async () => {
    const { system, assemblyai } = await start();
    assemblyai.connectDelayMs = 1500;
    const caller = await WsCaller.connect(system.urls.gateway);
    const answer = hearing(caller);
    await caller.speak(speakScripted('first second third fourth fifth', RATE_HZ));
    expect((await answer()).text).toContain('first second third fourth fifth');
    caller.close();
  }, 60_000);

  it('is told when every model is dead, by the agent, and when every voice is, by a recording', async () => {
    const { system, caller, openai, anthropic, elevenlabs, cartesia } = await start();
    await openai.stop();
    await anthropic.stop();
    await caller.speak(speakScripted('good morning', RATE_HZ));
    await eventually(() => readScripted(Int16Array.from(caller.audio.flatMap((chunk) => [...chunk]))).text.includes('Sorry'), { what: 'apology', deadlineMs: 20_000 }); // prettier-ignore
    await elevenlabs.stop();
    await cartesia.stop();
    const recorded = caller.audio.length;
    await caller.speak(speakScripted('good morning', RATE_HZ));
    await eventually(async () => /parley_tts_apologies_total\{.*\} [1-9]/.test(await metricsOf(system.urls.tts)), { what: 'recording', deadlineMs: 30_000 }); // prettier-ignore
    await eventually(() => caller.audio.length > recorded, { what: 'voice', deadlineMs: 20_000 });
    caller.close();
  }, 120_000);
});
