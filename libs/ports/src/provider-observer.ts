/** What happens between an adapter and its provider that nobody else would know of; each is counted. */
export type ProviderIncident =
  /** A connection was made again. */
  | 'reconnected'
  /** A request was made again. */
  | 'retried'
  /** Audio was thrown away, because it waited too long for a connection. */
  | 'dropped_audio'
  /** Audio or text came for what was over already, and was thrown away. */
  | 'late'
  /** A message that is not known, or cannot be read, was passed over. */
  | 'ignored_message';

/** Told of every incident, by the adapter that is given it. */
export type ProviderObserver = (incident: ProviderIncident, count?: number) => void;
