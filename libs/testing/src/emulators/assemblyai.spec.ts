import { afterEach, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { deadline } from '../deadline.js';
import { soundWithoutWords, speakScripted } from '../engines/index.js';
import { startAssemblyAiEmulator, type AssemblyAiEmulatorOptions, type Emulator } from './index.js';

type Message = Record<string, unknown>;

let emulator: Emulator;
const clients: Client[] = [];
afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.terminate();
  await emulator.stop();
});

/** A client that says what the test does. */
class Client {
  readonly messages: Message[] = [];
  readonly closed: Promise<number>;
  private wake: () => void = () => undefined;

  constructor(readonly socket: WebSocket) {
    clients.push(this);
    socket.on('message', (data: Buffer) => {
      this.messages.push(JSON.parse(data.toString()) as Message);
      this.wake();
    });
    this.closed = new Promise((resolve) => socket.on('close', resolve));
  }

  say(message: Message | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Sends voice in messages of 50 ms, whole ones. */
  speak(pcm: Int16Array, ms = 50): void {
    const samples = 16 * ms;
    for (let at = 0; at < pcm.length; at += samples) {
      const frame = new Int16Array(samples);
      frame.set(pcm.subarray(at, at + samples));
      this.socket.send(Buffer.from(frame.buffer));
    }
  }

  async until(isEnough: (message: Message) => boolean, count = 1): Promise<Message> {
    const enough = async () => {
      for (;;) {
        const found = this.messages.filter(isEnough);
        if (found.length >= count) return found[count - 1] as Message;
        await new Promise<void>((resolve) => (this.wake = resolve));
      }
    };
    return deadline(enough(), 4000, 'the message');
  }

  /** Waits for the end: the error that was said, and the code of the close. */
  async end(): Promise<[unknown, number]> {
    const code = await deadline(this.closed, 4000, 'the close');
    return [this.messages.find(({ type }) => type === 'Error')?.error, code];
  }
}

async function start(options: AssemblyAiEmulatorOptions = {}): Promise<void> {
  emulator = await startAssemblyAiEmulator(options);
}

function connect(query = 'sample_rate=16000&speech_model=universal-streaming-english', headers: Record<string, string> = { authorization: 'k' }): Client {
  return new Client(new WebSocket(`${emulator.wsUrl}/v3/ws?${query}`, { headers }));
} // prettier-ignore

async function begun(query?: string): Promise<Client> {
  const client = connect(query);
  await client.until(({ type }) => type === 'Begin');
  return client;
}

const isOver = ({ end_of_turn: over }: Message) => over === true;
const silence = (ms: number) => new Int16Array(16 * ms);
const voice = (text: string) => speakScripted(text, 16_000);

describe('emulated AssemblyAI', () => {
  it('begins sessions with what it understood of their parameters', async () => {
    await start();
    const client = await begun('sample_rate=16000&speech_model=u3-rt-pro');
    expect(client.messages[0]).toMatchObject({ type: 'Begin', configuration: { model: 'u3-rt-pro' } });
    expect(typeof client.messages[0]?.expires_at).toBe('number');
  });

  it('says the turns of Universal-Streaming: settled words, then the utterance, then the turn, twice when formatted', async () => {
    await start();
    const client = await begun('format_turns=true&speech_model=universal-streaming-english');
    client.speak(voice('I would, like'));
    client.speak(silence(1500));
    await client.until(isOver, 2);
    const turns = client.messages.filter(({ type }) => type === 'Turn');
    expect(turns.map(({ transcript, end_of_turn, turn_is_formatted, utterance }) => [transcript, end_of_turn, turn_is_formatted, utterance])).toEqual([
      ['', false, false, ''],
      ['i', false, false, ''],
      ['i would', false, false, ''],
      ['i would like', false, false, 'i would like'],
      ['i would like', true, false, 'i would like'],
      ['I would, like.', true, true, 'I would, like.'],
    ]);
    expect(turns[1]?.words).toMatchObject([{ text: 'i', word_is_final: true }, { text: 'would', word_is_final: false }]);
    expect(new Set(turns.map(({ turn_order }) => turn_order))).toEqual(new Set([0]));
  }); // prettier-ignore

  it('settles no word that its ears may still change', async () => {
    await start();
    const client = await begun();
    client.speak(voice('some meet/meat please now'));
    client.say({ type: 'ForceEndpoint' });
    expect(await client.until(isOver)).toMatchObject({ transcript: 'some meat please now' });
    const turns = client.messages.filter((message) => message.type === 'Turn' && !isOver(message));
    expect(turns.map(({ transcript }) => transcript)).toEqual(['', 'some', 'some', 'some']);
  });

  it('says the turns of Universal-3: the start of speech, formatted words that may change, one end', async () => {
    await start();
    const client = await begun('speech_model=universal-3-6-pro&interruption_delay=0&min_turn_silence=200');
    client.speak(voice('Two large coffees, and a tea.'));
    client.speak(silence(400));
    client.speak(voice('Thanks.'));
    client.say({ type: 'ForceEndpoint' });
    await client.until(isOver, 2);
    const types = client.messages.map(({ type }) => type);
    expect(types.slice(0, 3)).toEqual(['Begin', 'SpeechStarted', 'Turn']);
    const ends = client.messages.filter(isOver);
    expect(ends).toMatchObject([
      {
        turn_order: 0,
        transcript: 'Two large coffees, and a tea.',
        turn_is_formatted: true,
        end_of_turn_confidence: 1,
      },
      { turn_order: 1, transcript: 'Thanks.', utterance: 'Thanks.' },
    ]);
    const partial = client.messages.find(({ type, end_of_turn }) => type === 'Turn' && end_of_turn === false);
    expect(partial?.words).toEqual(expect.arrayContaining([expect.objectContaining({ word_is_final: false })]));
  });

  it('takes new silences for the next turn', async () => {
    await start();
    const client = await begun();
    client.say({ type: 'UpdateConfiguration', max_turn_silence: 300, min_turn_silence: 100 });
    client.speak(voice('one'));
    client.speak(silence(350));
    await client.until(isOver);
    client.say({ type: 'UpdateConfiguration', max_turn_silence: 'long' });
    expect((await client.end())[1]).toBe(3006);
  });

  it('answers what is left, and how long it was, when it is terminated', async () => {
    await start();
    const client = await begun();
    client.speak(voice('one two three four five'));
    client.say({ type: 'Terminate' });
    expect(await client.end()).toEqual([undefined, 1000]);
    expect(client.messages.at(-2)).toMatchObject({ transcript: 'one two three four five', end_of_turn: true });
    expect(client.messages.at(-1)).toMatchObject({ type: 'Termination', audio_duration_seconds: 1 });
  });

  it('makes no turn of sound without words, forced or not', async () => {
    await start();
    const client = await begun();
    client.speak(soundWithoutWords(500, 16_000));
    client.speak(silence(2000));
    client.say({ type: 'ForceEndpoint' });
    client.say({ type: 'Terminate' });
    await client.end();
    expect(client.messages.map(({ type }) => type)).toEqual(['Begin', 'Termination']);
  });

  it.each([
    ['no key', '', {}, 1008],
    ['a bearer', '', { authorization: 'Bearer k' }, 1008],
    ['a token that is none', 'token=x', {}, 1008],
    ['a model that is none', 'speech_model=u3-pro', undefined, 3006],
    ['a rate that is none', 'sample_rate=7000', undefined, 3006],
    ['an encoding that is none', 'encoding=flac', undefined, 3006],
    ['a mode of another model', 'speech_model=universal-streaming-english&mode=balanced', undefined, 3006],
    ['too many terms', `keyterms_prompt=${JSON.stringify(Array(101).fill('x'))}`, undefined, 3006],
    ['a language that is none', 'language_codes=["xx"]', undefined, 3006],
    ['no list', 'keyterms_prompt=rye', undefined, 3006],
    ['a long prompt', `prompt=${'x'.repeat(1751)}`, undefined, 3006],
  ])('refuses %s before it begins', async (_, query, headers, code) => {
    await start();
    const client = connect(query, headers);
    const [error, closed] = await client.end();
    expect(closed).toBe(code);
    expect(client.messages).toEqual([{ type: 'Error', error_code: code, error }]);
  });

  it.each([
    ['audio that is too short', (client: Client) => client.speak(silence(20), 20), 3007],
    ['audio that is too long', (client: Client) => client.speak(silence(1001), 1001), 3007],
    ['what is no JSON', (client: Client) => client.say('{no'), 3006],
    ['what is no object', (client: Client) => client.say('[]'), 3006],
    ['a message that is none', (client: Client) => client.say({ type: 'Bogus' }), 3006],
  ])('ends a session for %s', async (_, act, code) => {
    await start();
    const client = await begun();
    act(client);
    expect((await client.end())[1]).toBe(code);
  });

  it('takes an old spelling, and passes over what it does not know', async () => {
    await start();
    const client = await begun('min_end_of_turn_silence_when_confident=100&colour=blue');
    client.speak(voice('Yes.'));
    client.speak(silence(150));
    expect(await client.until(isOver)).toMatchObject({ transcript: 'Yes.' });
  });

  it('ends a session for inactivity, unless it is told that somebody is there', async () => {
    await start({ secondMs: 60 });
    const client = await begun('inactivity_timeout=5');
    const alive = setInterval(() => client.say({ type: 'KeepAlive' }), 50);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
    clearInterval(alive);
    expect(await client.end()).toEqual([expect.stringContaining('inactivity'), 3006]);
  });

  it('gives tokens, which let in until they expire', async () => {
    await start({ apiKey: 'k' });
    const ask = (query: string, authorization = 'k') => fetch(`${emulator.url}/v3/token?${query}`, { headers: { authorization } }); // prettier-ignore
    const answer = await ask('expires_in_seconds=60');
    const { token } = (await answer.json()) as { token: string };
    const client = connect(`token=${token}`, {});
    await client.until(({ type }) => type === 'Begin');
    expect((await ask('expires_in_seconds=601')).status).toBe(422);
    expect((await ask('expires_in_seconds=60&max_session_duration_seconds=59')).status).toBe(422);
    expect((await ask('expires_in_seconds=60', 'other')).status).toBe(401);
    expect((await connect('', { authorization: 'other' }).end())[1]).toBe(1008);
  });
});
