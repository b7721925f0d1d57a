import {
  CLAIMED_STAGES,
  FRAME_HEADER_BYTES,
  MAX_CALLER_FRAME_BYTES,
  MAX_FRAME_PAYLOAD_BYTES,
  SESSION_ID,
  STAGES,
  VOICE_NAMESPACE,
  WS_PATH,
  callerMessageSchema,
  claimSchema,
  edgeEventSchema,
  envelopeSchema,
  kindOf,
  ownerRecordSchema,
  payloadSchemas,
  presenceSchema,
  resumeRequestSchema,
  sessionRequestSchema,
} from '@parley/contracts';
import { toJSONSchema } from 'zod';
import { CHANNELS, FRAME_FIELDS } from './parties.mjs';

const FRAME_TYPE = 'application/vnd.parley.audio-frame.v1';
const PCM_TYPE = 'audio/L16;rate=16000;channels=1';

/** Builds the AsyncAPI 3.0 document of wire contract v1 from the contracts library. */
export function buildDocument() {
  const { messages, byContent } = busMessages();
  const edge = edgeParts();
  const channels = Object.fromEntries(
    CHANNELS.map((channel) => [channel.key, busChannel(channel, byContent(channel))]),
  );
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Parley wire contract',
      version: '1.0.0',
      description:
        'What the services of Parley say to each other over NATS, and what callers say to the gateway. Unknown event ' +
        'types and unknown fields are ignored by every reader; a new optional field is no new version.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    servers: {
      bus: { host: 'localhost:4222', protocol: 'nats', description: 'NATS with JetStream, 2.9 or later.' },
      edge: { host: 'localhost:3000', protocol: 'ws', description: 'The gateway: raw WebSocket and socket.io.' },
    },
    channels: { ...channels, ...edge.channels },
    operations: { ...busOperations(channels), ...edge.operations },
    components: {
      parameters: PARAMETERS,
      schemas: { Envelope: schemaOf(envelopeSchema) },
      messages: { ...messages, ...edge.messages },
    },
  };
}

const PARAMETERS = {
  sessionId: { description: `1 to 64 characters of A-Z, a-z, 0-9, _ and -: ${SESSION_ID.source}` },
  stage: { description: 'A service that works on sessions.', enum: [...STAGES] },
  claimedStage: { description: 'A service that takes sessions by claim.', enum: [...CLAIMED_STAGES] },
  replica: { description: 'Name of one process, of the same characters as a session id.' },
};

function busMessages() {
  const messages = {
    audioFrame: {
      title: 'Audio frame',
      contentType: FRAME_TYPE,
      description: `A ${FRAME_HEADER_BYTES}-byte little-endian header, then up to ${MAX_FRAME_PAYLOAD_BYTES} bytes of voice.`,
      payload: { type: 'string', format: 'binary', 'x-parley-header': FRAME_FIELDS },
    },
    claim: { title: 'Claim', payload: schemaOf(claimSchema), headers: MESSAGE_ID },
    presence: { title: 'Presence', payload: schemaOf(presenceSchema) },
    owner: { title: 'Owner record', payload: schemaOf(ownerRecordSchema) },
  };
  const events = Object.keys(payloadSchemas);
  for (const type of events) {
    const own = schemaOf(payloadSchemas[type]);
    messages[type] = {
      name: type,
      title: type,
      ...(kindOf(type) === 'text' ? {} : { headers: EVENT_HEADERS }),
      payload: {
        allOf: [
          { $ref: '#/components/schemas/Envelope' },
          {
            ...own,
            properties: { type: { const: type }, ...own.properties },
            required: ['type', ...(own.required ?? [])],
          },
        ],
      },
    };
  }
  const byContent = ({ key, content }) => {
    if (content === 'frame') return ['audioFrame'];
    return content === 'events' ? events.filter((type) => kindOf(type) === key) : [content];
  };
  return { messages, byContent };
}

const MESSAGE_ID = {
  type: 'object',
  properties: { 'Nats-Msg-Id': { type: 'string', description: 'Makes a repeated publish harmless.' } },
  required: ['Nats-Msg-Id'],
};
const EVENT_HEADERS = {
  ...MESSAGE_ID,
  properties: { ...MESSAGE_ID.properties, traceparent: { type: 'string', description: 'W3C trace context.' } },
};

function busChannel({ key, address, about, kept }, names) {
  const parameters = [...address.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  return {
    address,
    description: `${about} ${kept ? `Kept in ${kept}.` : 'Live only: not kept.'}`,
    servers: [{ $ref: '#/servers/bus' }],
    parameters: Object.fromEntries(
      parameters.map((name) => {
        const parameter = key === 'claim' && name === 'stage' ? 'claimedStage' : name;
        return [name, { $ref: `#/components/parameters/${parameter}` }];
      }),
    ),
    messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
  };
}

function busOperations(channels) {
  const operations = {};
  for (const { key, send, receive } of CHANNELS) {
    for (const [action, services] of Object.entries({ send, receive })) {
      for (const service of services) {
        operations[`${service}.${action}.${key}`] = operation(
          action,
          key,
          Object.keys(channels[key].messages),
          service,
        );
      }
    }
  }
  return operations;
}

function operation(action, channel, messages, tag) {
  return {
    action,
    channel: { $ref: `#/channels/${channel}` },
    messages: messages.map((name) => ({ $ref: `#/channels/${channel}/messages/${name}` })),
    tags: [{ name: tag }],
  };
}

/** The doors as the gateway sees them: it receives what callers send. */
function edgeParts() {
  const text = edgeEventSchema.options.map((option) => [`edge.${option.shape.type.value}`, option]);
  const messages = {
    'edge.request': { title: 'Session request', payload: schemaOf(sessionRequestSchema) },
    'edge.resume': { title: 'Request to resume a session', payload: schemaOf(resumeRequestSchema) },
    'edge.caller': { title: 'Message of a caller', payload: schemaOf(callerMessageSchema) },
    'edge.voice': {
      title: 'Voice',
      contentType: PCM_TYPE,
      description: `16-bit little-endian mono PCM, 10 to 200 ms and at most ${MAX_CALLER_FRAME_BYTES} bytes a message.`,
      payload: { type: 'string', format: 'binary' },
    },
  };
  for (const [name, schema] of text) {
    messages[name] = { name: schema.shape.type.value, title: schema.shape.type.value, payload: schemaOf(schema) };
  }
  const received = ['edge.request', 'edge.resume', 'edge.caller', 'edge.voice'];
  const sent = [...text.map(([name]) => name), 'edge.voice'];
  const refs = Object.fromEntries(
    Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }]),
  );
  const servers = [{ $ref: '#/servers/edge' }];
  const channels = {
    edgeWebSocket: {
      address: WS_PATH,
      servers,
      description:
        'Raw WebSocket. The session request, or the request to resume one, stands in the query; JSON as text messages, voice as binary ones.',
      messages: refs,
    },
    edgeSocketIo: {
      address: VOICE_NAMESPACE,
      servers,
      description:
        'socket.io namespace. `session:start` with the session request or the request to resume one, acknowledged by {ok, sessionId} or {ok, code, ' +
        'message}; `message` with JSON and `audio` with voice from the caller; `event` with JSON and `audio` with ' +
        '({reply, sentence, pts}, voice) to the caller.',
      messages: refs,
    },
  };
  const operations = {};
  for (const channel of Object.keys(channels)) {
    operations[`gateway.receive.${channel}`] = operation('receive', channel, received, 'gateway');
    operations[`gateway.send.${channel}`] = operation('send', channel, sent, 'gateway');
  }
  return { messages, channels, operations };
}

/** A zod schema as readers are to check it: what is not named may be there and is ignored. */
function schemaOf(schema) {
  const { $schema: _, ...json } = toJSONSchema(schema, { target: 'draft-07', io: 'input' });
  return json;
}
