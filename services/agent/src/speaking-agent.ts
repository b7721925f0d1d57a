import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import type { SessionPolicy } from '@parley/contracts';
import type { AgentBehaviour } from '@parley/ports';
import type { ConversationEngine } from './conversation.js';

/** An agent as it can be spoken with. */
export interface SpeakingAgent {
  engine: ConversationEngine;
  modelName: string;
  /** Absent when the model cannot summarise. */
  summariser: BaseChatModel | undefined;
  /** Names of its tools. */
  tools: ReadonlySet<string>;
  policy: SessionPolicy;
  /** Its model may begin before the turn is over. */
  preemptive: boolean;
  /** Names of those who may speak beside it. */
  speakers: readonly string[];
  /** Which sentences cannot be interrupted. */
  isNotice: (sentence: string) => boolean;
  behaviour: AgentBehaviour;
}
