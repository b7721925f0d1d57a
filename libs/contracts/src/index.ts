export { ContractError, type ContractErrorCode } from './contract-error.js';
export { CLAIMED_STAGES, STAGES, type ClaimedStage, type Stage } from './stages.js';
export { SESSION_ID, assertSessionId, isSessionId, newSessionId } from './session-id.js';
export {
  EVENT_KINDS,
  PREFIX,
  parseSubject,
  subjects,
  type AudioDirection,
  type EventKind,
  type ParsedSubject,
} from './subjects.js';
export {
  CODECS,
  FRAME_HEADER_BYTES,
  FRAME_VERSION,
  MAX_FRAME_PAYLOAD_BYTES,
  decodeFrame,
  encodeFrame,
  type AudioFrame,
  type Codec,
} from './audio-frame.js';
export { ERROR_CODES, type ErrorCode, type ErrorCodeInfo } from './error-codes.js';
export {
  decodeEvent,
  encodeEvent,
  envelopeSchema,
  isEvent,
  kindOf,
  payloadSchemas,
  type EventOf,
  type EventType,
  type ParleyEvent,
  type Payload,
} from './events.js';
export { wordTimeSchema, type WordTime } from './payload-fields.js';
export { ANSWERERS, DIRECTIONS, MODES, type Answerer, type Direction, type Mode } from './session-events.js';
export { TURN_END_CAUSES, type TurnEndCause } from './caller-speech-events.js';
export { END_REASONS, KEPT_CAUSES, OCCASIONS, isNoise, type EndReason, type KeptCause } from './reply-events.js';
export {
  DEFAULT_POLICY,
  ENDPOINTING,
  MUTES,
  endpointingSchema,
  interruptionSchema,
  providerChoiceSchema,
  sessionPolicySchema,
  type ProviderChoice,
  type SessionPolicy,
  type SessionPolicyInput,
} from './session-policy.js';
export { SPEAKER_NAME, leadingSpeakerMark, speakerMark } from './speaker-name.js';
export {
  claimSchema,
  ownerRecordSchema,
  presenceSchema,
  type Claim,
  type OwnerRecord,
  type Presence,
} from './claim.js';
export {
  MAX_CALLER_FRAME_BYTES,
  MAX_CALLER_JSON_BYTES,
  VOICE_NAMESPACE,
  WS_PATH,
  callerMessageSchema,
  edgeEventSchema,
  resumeRequestSchema,
  sessionRequestSchema,
  type CallerMessage,
  type EdgeAck,
  type EdgeAudioInfo,
  type EdgeEvent,
  type EdgeEventType,
  type ResumeRequest,
  type SessionRequest,
} from './edge.js';
export { SeenEvents } from './seen-events.js';
