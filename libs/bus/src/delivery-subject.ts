/** What the reply subject of a message tells that a JetStream consumer delivered. */
export interface DeliveryInfo {
  streamSeq: number;
  /** When the stream stored it, in ms since 1970. */
  storedAtMs: number;
}

/** Tokens of `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<time in ns>.<pending>`. */
const SHORT_LENGTH = 9;
/** With domain and account behind `ACK`, and possibly more at the end. */
const LONG_LENGTH = 11;

/** Takes a delivery's reply subject apart; undefined for any other subject. */
export function deliveryOf(reply: string | undefined): DeliveryInfo | undefined {
  if (!reply?.startsWith('$JS.ACK.')) return undefined;
  const tokens = reply.split('.');
  const shift = tokens.length === SHORT_LENGTH ? 0 : tokens.length >= LONG_LENGTH ? 2 : undefined;
  if (shift === undefined) return undefined;
  const [streamSeq, , nanos] = tokens.slice(5 + shift, 8 + shift);
  return { streamSeq: Number(streamSeq), storedAtMs: Math.floor(Number(nanos) / 1e6) };
}
