/** What came on a socket, whichever way it is spelled. */
export interface SpeechMessage {
  /** Name of the text that it is of. */
  context: string | undefined;
  /** Base64. */
  audio: unknown;
  alignment: unknown;
  isFinal: boolean;
  /** What the provider calls its error, if it is one. */
  errorKind: string | undefined;
  /** It is of a kind that is known. */
  isKnown: boolean;
  raw: string;
}

/** Reads a message; undefined when it is no JSON object. */
export function readSpeechMessage(raw: string): SpeechMessage | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(raw);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
  const fields = parsed as Record<string, unknown>;
  const context = fields.contextId ?? fields.context_id;
  const final = fields.isFinal ?? fields.is_final;
  const { error, audio } = fields;
  return {
    context: typeof context === 'string' ? context : undefined,
    audio,
    alignment: fields.alignment,
    isFinal: final === true,
    errorKind: typeof error === 'string' ? error : undefined,
    isKnown: audio !== undefined || final !== undefined,
    raw,
  };
}
