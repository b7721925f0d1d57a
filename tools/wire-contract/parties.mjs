import { EVENT_KINDS, subjects } from '@parley/contracts';

/** Who writes to a session's subjects and who reads them, by kind. Every reader also follows `stage`, which fences, and a reader of `playout` follows `session`, which fences gateways; who takes a session over reads what it writes. Stages write to `session` only to close one whose gateway is gone, or that they cannot work on. */
const EVENT_PARTIES = {
  session: {
    send: ['gateway', 'stt', 'agent', 'tts', 'realtime'],
    receive: ['gateway', 'stt', 'agent', 'tts', 'realtime', 'control'],
  },
  stage: {
    send: ['gateway', 'stt', 'agent', 'tts', 'realtime'],
    receive: ['gateway', 'stt', 'agent', 'tts', 'realtime'],
  },
  speech: { send: ['stt', 'realtime'], receive: ['gateway', 'stt', 'agent'] },
  transcript: { send: ['stt', 'realtime'], receive: ['gateway', 'stt', 'agent', 'control'] },
  reply: { send: ['agent', 'realtime'], receive: ['gateway', 'agent', 'tts', 'control'] },
  synthesis: { send: ['tts', 'realtime'], receive: ['agent'] },
  playout: { send: ['gateway'], receive: ['gateway', 'agent', 'tts', 'realtime'] },
};

const ABOUT = {
  session:
    'The session as its caller and its gateway make it: opened, mode, text, dtmf, suspended, resumed, closed. `session.resumed` ' +
    'fences earlier gateways.',
  stage: 'Who works on the session: claimed, settled, released, failed. `stage.claimed` fences earlier owners.',
  speech: 'Voice activity of the caller.',
  transcript: 'What the caller said, and where a turn ended.',
  reply: "The agent's reply, sentence by sentence, and its tool calls.",
  synthesis: 'When the words of a sentence are said in its voice.',
  playout: 'What the caller has heard.',
};

/** Stands for an id while a subject is turned into an address. */
const PLACE = 'PLACE';
const sessionAddress = (subject) => subject.replace(PLACE, '{sessionId}');

/** The channels of the bus: key, address with parameters, what it is for, and who sends and receives. */
export const CHANNELS = [
  {
    key: 'audioIn',
    content: 'frame',
    address: sessionAddress(subjects.audio('in', PLACE)),
    about: "The caller's voice.",
    kept: 'PARLEY_AUDIO',
    send: ['gateway'],
    receive: ['stt', 'realtime'],
  },
  {
    key: 'audioOut',
    content: 'frame',
    address: sessionAddress(subjects.audio('out', PLACE)),
    about: "The agent's voice.",
    kept: 'PARLEY_AUDIO',
    send: ['tts', 'realtime'],
    receive: ['gateway'],
  },
  ...EVENT_KINDS.map((kind) => ({
    key: kind,
    content: 'events',
    address: sessionAddress(subjects.event(kind, PLACE)),
    about: ABOUT[kind],
    kept: 'PARLEY_EVENTS',
    ...EVENT_PARTIES[kind],
  })),
  {
    key: 'text',
    content: 'events',
    address: sessionAddress(subjects.text(PLACE)),
    about: "The reply's text as it streams, for clients to show.",
    kept: undefined,
    send: ['agent', 'realtime'],
    receive: ['gateway'],
  },
  {
    key: 'claim',
    content: 'claim',
    address: subjects.claim(PLACE).replace(PLACE, '{stage}'),
    about: 'One message per session and stage: the work queue. Whoever holds it unacknowledged owns the session.',
    kept: 'PARLEY_CLAIMS',
    send: ['gateway'],
    receive: ['stt', 'agent', 'tts'],
  },
  {
    key: 'presence',
    content: 'presence',
    address: subjects.presence(PLACE, 'REPLICA').replace(PLACE, '{stage}').replace('REPLICA', '{replica}'),
    about: "A replica's heartbeat.",
    kept: undefined,
    send: ['gateway', 'stt', 'agent', 'tts', 'realtime', 'control'],
    receive: ['gateway', 'control'],
  },
  {
    key: 'owner',
    content: 'owner',
    address: '$KV.parley-owners.{stage}.{sessionId}',
    about: "Who owns a session for a stage. The key's revision is the epoch.",
    kept: 'KV_parley-owners',
    send: ['gateway', 'stt', 'agent', 'tts', 'realtime'],
    receive: ['gateway', 'stt', 'agent', 'tts', 'realtime'],
  },
];

/** The fields of an audio frame's header, little-endian. */
export const FRAME_FIELDS = [
  { offset: 0, name: 'version', type: 'u8', about: '1' },
  { offset: 1, name: 'codec', type: 'u8', about: '1 pcm_s16le, 2 mulaw, 3 alaw, 4 opus' },
  { offset: 2, name: 'sampleRateHz', type: 'u16', about: 'Sample rate divided by 100' },
  { offset: 4, name: 'epoch', type: 'u32', about: "The writer's epoch; a lower one than seen before is to be ignored" },
  { offset: 8, name: 'seq', type: 'u32', about: 'Counts up by one per subject and epoch, from 1' },
  {
    offset: 12,
    name: 'reply',
    type: 'u32',
    about: "Ordinal of the reply in the session, from 1; 0 for the caller's voice",
  },
  { offset: 16, name: 'sentence', type: 'u16', about: 'Ordinal of the sentence in the reply, from 0' },
  {
    offset: 18,
    name: 'flags',
    type: 'u16',
    about: '1 last of sentence, 2 last of reply, 4 fence; others are to be ignored',
  },
  {
    offset: 20,
    name: 'pts',
    type: 'u32',
    about: "Samples since the session began (caller's voice) or since the sentence began (a reply)",
  },
];
