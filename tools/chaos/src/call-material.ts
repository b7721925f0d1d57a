import type { EventOf, ParleyEvent } from '@parley/contracts';
import type { FinishedCall } from './call-record.js';
import type { CallVerdict } from './checks/check-call.js';
import type { ScriptedTurn } from './conversation-script.js';
import type { ToolExecution } from './tool-ledger.js';

/** What the calls of a run are made of: the system's engines, what is said, and how what became of it is judged. */
export interface CallMaterial {
  /** Settings of the services. */
  readonly env: Record<string, string>;
  readonly agent: string;
  /** How long a turn may take from its last word to the end of its reply. */
  readonly turnTimeoutMs: number;
  /** Judging takes the processor away from calls, so it is done when they are over. */
  readonly isJudgedLater: boolean;
  /** What a call says, from first to last turn. Pure: seed and ordinal of the call determine it. */
  script(seed: number, call: number): ScriptedTurn[];
  /** A turn's voice, PCM16 16 kHz mono. */
  voiceOf(turn: ScriptedTurn): Int16Array;
  /** The replies that answer a turn. */
  repliesTo(log: readonly ParleyEvent[], turn: ScriptedTurn): EventOf<'reply.started'>[];
  judge(finished: FinishedCall, executions: readonly ToolExecution[]): CallVerdict | Promise<CallVerdict>;
  close(): Promise<void>;
}
