export { acceptedEvents, readLog, type ReadMessage, type Verdict } from './accepted-events.js';
export { heardText, type HeardPosition } from './heard-text.js';
export { decodeLogFile, encodeLogFile } from './log-file.js';
export type { LoggedMessage, RecordedSession } from './logged-message.js';
export { SessionLogError, type SessionLogErrorCode } from './session-log-error.js';
export {
  MAX_HISTORY_TURNS,
  decideTurn,
  foldTurn,
  initialTurnState,
  speaks,
  type ActiveReply,
  type HistoryTurn,
  type LoggedToolCall,
  type OpenTurn,
  type TurnCommand,
  type TurnState,
} from './turn-state.js';
