import type { EngineErrorCode } from '@parley/ports';

/** What a chain did that is to be counted. */
export interface ChainObserver {
  /** A provider failed. */
  onFailure?(failure: { provider: string; code: EngineErrorCode }): void;
  /** Another provider, or the same again, took over; `gapMs` after the failure. */
  onFallback?(fallback: { from: string; to: string; code: EngineErrorCode; gapMs: number }): void;
  /** A stream was moved before its provider would have ended it. */
  onRotated?(rotation: { provider: string }): void;
  /** Audio in ms, or text in characters, that a provider was given. */
  onUsage?(usage: { provider: string; amount: number }): void;
  /** Audio that was thrown away because no provider took it in time. */
  onDropped?(dropped: { ms: number }): void;
}
