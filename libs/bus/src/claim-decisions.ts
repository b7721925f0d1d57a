/** What is known when a claim is delivered. */
export interface DeliveredClaim {
  /** How often the broker has delivered it, this time included. */
  deliveries: number;
  /** Whether the broker was in trouble within the last lease. */
  afterTrouble: boolean;
  /**
   * Whether the session has had an owner. A server that was killed may have forgotten its last deliveries, so that the
   * count alone does not tell.
   */
  owned: boolean;
  /** This replica's lease of the same session, where it holds one. */
  held?: HeldEpoch;
}

/** A held session's epochs. */
export interface HeldEpoch {
  /** The epoch this replica took; undefined while it is still taking it. */
  mine: number | undefined;
  /** The newest epoch of the owners bucket; undefined when there is none. */
  newest: number | undefined;
}

/**
 * What to do with a delivered claim:
 * `take` it as a new session; `keep` the session that is held already, under the new delivery; `replace` the held
 * session, which another has owned since; `defer` it for one lease, so that an owner who was cut off can renew first.
 */
export type DeliveryDecision = 'take' | 'keep' | 'replace' | 'defer';

/** Decides about a delivered claim. */
export function decideDelivery({ deliveries, afterTrouble, owned, held }: DeliveredClaim): DeliveryDecision {
  if (held) return held.mine === undefined || held.mine === held.newest ? 'keep' : 'replace';
  return afterTrouble && (owned || deliveries > 1) ? 'defer' : 'take';
}

/**
 * Decides about a held session whose lease is in doubt: it is kept only by who is still the newest owner. One that
 * has not finished taking it gives it up, because it has written nothing yet.
 */
export function decideDoubt({ mine, newest }: HeldEpoch): 'keep' | 'lose' {
  return mine !== undefined && mine === newest ? 'keep' : 'lose';
}
