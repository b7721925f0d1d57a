/** What a client has refused, dropped or passed over since it was made. */
export interface ClientCounters {
  /** Caller's frames dropped: the network did not take them, or the session was not open. */
  droppedFrames: number;
  /** Samples of the caller's voice that were lost because a connection was away for longer than is buffered. */
  lostVoiceSamples: number;
  /** Messages of the gateway that were not the contract. */
  malformedMessages: number;
  /** Times the session went on over a new connection. */
  resumes: number;
  /** Events passed over because they had been told before. */
  duplicateEvents: number;
  /** Samples of the agent's voice passed over because they had been told before. */
  duplicateSamples: number;
}
