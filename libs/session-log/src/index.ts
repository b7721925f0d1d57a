export { wordsOf } from './backchannel.js';
export { acceptedEvents, readLog, type ReadMessage, type Verdict } from './accepted-events.js';
export { decideNext, type AgentPlan, type NextCommand } from './decide-next.js';
export { foldTurn } from './fold-turn.js';
export { heardText, type HeardPosition, type SentenceVoice } from './heard-text.js';
export { decodeLogFile, encodeLogFile } from './log-file.js';
export type { LoggedMessage, RecordedSession } from './logged-message.js';
export {
  goodbyeReason,
  type EndReason,
  type Occasion,
  type OccasionPlan,
  type Quiet,
  type SayCommand,
  type RestCommand,
} from './occasions.js';
export { isForModel, type AnsweredCommand, type OutgoingPlan } from './outgoing.js';
export type { PressedKeys } from './pressed-keys.js';
export { SessionLogError, type SessionLogErrorCode } from './session-log-error.js';
export {
  decideTurn,
  holdOf,
  timePassed,
  type StartCommand,
  type TurnCommand,
  type WaitCommand,
} from './turn-decision.js';
export {
  MAX_HISTORY_TURNS,
  initialTurnState,
  speaks,
  turnOf,
  type ActiveReply,
  type HistoryTurn,
  type LoggedToolCall,
  type OpenTurn,
  type TurnState,
} from './turn-state.js';
