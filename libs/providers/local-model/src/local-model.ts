import type { LanguageModel } from '@parley/ports';
import { LocalChatModel } from './local-chat-model.js';

/**
 * A language model that needs no key, no network and no weights: it understands orders in a shop whose tools
 * are named like `get_menu`, `add_to_order` and `confirm_order`, and says so when it does not understand.
 * Settings are ignored; the same conversation always gets the same answer.
 */
export function createLocalModel(): LanguageModel {
  return {
    name: 'local',
    capabilities: { streaming: true, tools: true, summaries: false },
    createChatModel: () => new LocalChatModel(),
  };
}
