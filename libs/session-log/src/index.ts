export { wordsOf } from './backchannel.js';
export { acceptedEvents, readLog, type ReadMessage, type Verdict } from './accepted-events.js';
export { heardText, type HeardPosition } from './heard-text.js';
export { decodeLogFile, encodeLogFile } from './log-file.js';
export type { LoggedMessage, RecordedSession } from './logged-message.js';
export { decideOccasion, type Occasion, type OccasionPlan, type SayCommand } from './occasions.js';
export { SessionLogError, type SessionLogErrorCode } from './session-log-error.js';
export { decideTurn, holdOf, timePassed, type TurnCommand } from './turn-decision.js';
export {
  MAX_HISTORY_TURNS,
  foldTurn,
  initialTurnState,
  speaks,
  turnOf,
  type ActiveReply,
  type HistoryTurn,
  type LoggedToolCall,
  type OpenTurn,
  type TurnState,
} from './turn-state.js';
