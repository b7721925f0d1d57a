export { createLocalModel } from './local-model.js';
export { LocalChatModel, type LocalChatModelCallOptions } from './local-chat-model.js';
