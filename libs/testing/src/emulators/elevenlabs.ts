import type { SpeechToText, TextToSpeech } from '@parley/ports';
import { createScriptedSpeechToText, createScriptedTextToSpeech } from '../engines/index.js';
import { answerElevenLabsRequest } from './elevenlabs-http.js';
import { talkElevenLabsRealtime } from './elevenlabs-realtime.js';
import { ELEVENLABS_REJECTIONS } from './elevenlabs-rejections.js';
import { talkElevenLabsSpeech } from './elevenlabs-speech.js';
import { Emulator } from './emulator.js';

/** How {@link startElevenLabsEmulator} behaves. */
export interface ElevenLabsEmulatorOptions {
  /** @defaultValue scripted */
  ears?: SpeechToText;
  /** @defaultValue scripted */
  voice?: TextToSpeech;
  /** 0 for any that is free. @defaultValue 0 */
  port?: number;
  /** The key that is taken. @defaultValue any */
  apiKey?: string;
  /** IDs of the voices there are. @defaultValue those of `voice`, and whatever looks like one of the provider's */
  voices?: readonly string[];
  /** How sockets are refused: instead of the upgrade, or on the open socket; the provider does both. @defaultValue 'status' */
  refuseBy?: 'status' | 'message';
  /** How fields are spelled on a speech socket: as the service does, as its older documents do, or as some samples do. @defaultValue 'camel' */
  spelling?: 'camel' | 'chars' | 'snake';
  /** Which of the two messages of a committed segment comes first, where times were asked for. @defaultValue 'plain_first' */
  transcripts?: 'plain_first' | 'timed_first' | 'plain_only';
  /** Says unknown things, and adds unknown fields. @defaultValue false */
  noise?: boolean;
  /** Length of a second of inactivity, in ms. @defaultValue 1000 */
  secondMs?: number;
}

/** The options with what stands for those that are absent. */
export type ElevenLabsManner = Required<Omit<ElevenLabsEmulatorOptions, 'port' | 'apiKey' | 'voices'>> & {
  isKeyTaken(key: unknown): boolean;
  isVoiceKnown(id: string): boolean;
};

/** ElevenLabs on this machine: realtime speech to text, both sockets of text to speech, and its HTTP endpoints. */
export function startElevenLabsEmulator(options: ElevenLabsEmulatorOptions = {}): Promise<Emulator> {
  const voice =
    options.voice ?? createScriptedTextToSpeech({ sampleRatesHz: [16_000, 24_000, 8000, 22_050, 44_100, 48_000] });
  const { apiKey, voices } = options;
  const manner: ElevenLabsManner = {
    ears: options.ears ?? createScriptedSpeechToText(),
    voice,
    refuseBy: options.refuseBy ?? 'status',
    spelling: options.spelling ?? 'camel',
    transcripts: options.transcripts ?? 'plain_first',
    noise: options.noise ?? false,
    secondMs: options.secondMs ?? 1000,
    isKeyTaken: (key) => typeof key === 'string' && key !== '' && (apiKey === undefined || key === apiKey),
    isVoiceKnown: (id) =>
      voices ? voices.includes(id) : voice.capabilities.voices.includes(id) || /^[A-Za-z0-9]{20}$/.test(id),
  };
  return Emulator.start(
    {
      rejection: (fault) => (manner.refuseBy === 'status' ? ELEVENLABS_REJECTIONS[fault] : undefined),
      onRequest: (request, response, fault) => answerElevenLabsRequest(manner, request, response, fault),
      onSocket(socket, request, fault) {
        const { pathname } = request.url;
        if (pathname === '/v1/speech-to-text/realtime') return talkElevenLabsRealtime(manner, socket, request, fault);
        if (/^\/v1\/text-to-speech\/[^/]+\/(multi-)?stream-input$/.test(pathname)) {
          return talkElevenLabsSpeech(manner, socket, request, fault);
        }
        socket.close(1008, 'no such address');
      },
    },
    options.port,
  );
}
