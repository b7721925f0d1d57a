/** A service that writes to a session's log. `realtime` stands in for stt, agent and tts together. */
export type Stage = 'gateway' | 'stt' | 'agent' | 'tts' | 'realtime' | 'control';

/** Every stage name, for validation. */
export const STAGES = ['gateway', 'stt', 'agent', 'tts', 'realtime', 'control'] as const satisfies readonly Stage[];

/** Stages that take sessions by claim. The gateway owns its sessions by holding the caller's socket. */
export const CLAIMED_STAGES = ['stt', 'agent', 'tts'] as const;

/** A stage that takes sessions by claim. */
export type ClaimedStage = (typeof CLAIMED_STAGES)[number];
