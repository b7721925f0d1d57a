/** How a session was asked to be. */
export interface AssemblyAiParameters {
  sampleRateHz: number;
  model: string;
  /** Universal-Streaming rather than Universal-3. */
  isUniversalStreaming: boolean;
  formatTurns: boolean;
  endOfTurnConfidence: number;
  minTurnSilenceMs: number;
  maxTurnSilenceMs: number;
  interruptionDelayMs: number;
  inactivitySeconds: number | undefined;
  keyTerms: string[];
  language: string;
}

const MODELS = ['universal-streaming-english', 'universal-streaming-multilingual', 'whisper-rt', 'u3-rt-pro', 'u3-rt-pro-beta-1', 'universal-3-5-pro', 'universal-3-6-pro', 'universal-3-6']; // prettier-ignore
const LANGUAGES = 'en es de fr it pt tr nl sv no da fi hi vi ar he ja ur zh ru ko ca gl ro et fa yue af mr zu xh nn multi'.split(' '); // prettier-ignore
const MODES = ['min_latency', 'balanced', 'max_accuracy'];

class Refused extends Error {}

/**
 * Reads the parameters of a session's address. Those that are not known are passed over.
 * @returns what is wrong, where something is
 */
export function readParameters(query: URLSearchParams): AssemblyAiParameters | string {
  try {
    return parametersOf(query);
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
}

/**
 * Reads what an `UpdateConfiguration` changes.
 * @returns what is wrong, where something is
 */
export function readConfiguration(message: Record<string, unknown>): Partial<AssemblyAiParameters> | string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(message)) {
    if (name !== 'type') query.set(name, Array.isArray(value) ? JSON.stringify(value) : String(value));
  }
  const all = readParameters(query);
  if (typeof all === 'string') return all;
  const changed = (name: keyof AssemblyAiParameters, ...keys: string[]) =>
    keys.some((key) => query.has(key)) ? { [name]: all[name] } : {};
  return {
    ...changed('formatTurns', 'format_turns'),
    ...changed('endOfTurnConfidence', 'end_of_turn_confidence_threshold'),
    ...changed('minTurnSilenceMs', 'min_turn_silence', 'min_end_of_turn_silence_when_confident'),
    ...changed('maxTurnSilenceMs', 'max_turn_silence'),
    ...changed('interruptionDelayMs', 'interruption_delay'),
    ...changed('keyTerms', 'keyterms_prompt'),
  };
}

function parametersOf(query: URLSearchParams): AssemblyAiParameters {
  const model = oneOf(query, 'speech_model', MODELS) ?? 'universal-3-6-pro';
  const isUniversalStreaming = model.startsWith('universal-streaming');
  const encoding = query.get('encoding') ?? 'pcm_s16le';
  if (encoding !== 'pcm_s16le') throw new Refused(`Invalid 'encoding': Value error, '${encoding}' is not a valid Encoding`); // prettier-ignore
  if (isUniversalStreaming && query.has('mode')) throw new Refused("Invalid 'mode': not supported by this model");
  oneOf(query, 'mode', MODES);
  number(query, 'vad_threshold', 0, 1);
  text(query, 'prompt');
  text(query, 'agent_context');
  const keyTerms = list(query, 'keyterms_prompt') ?? list(query, 'keyterms') ?? [];
  if (keyTerms.length > 100) throw new Refused("Invalid 'keyterms_prompt': Value error, Max 100 items");
  const languages = list(query, 'language_codes') ?? [];
  for (const code of languages) if (!LANGUAGES.includes(code)) throw new Refused(`Invalid 'language_codes': ${code}`);
  return {
    sampleRateHz: number(query, 'sample_rate', 8000, 96_000) ?? 16_000,
    model,
    isUniversalStreaming,
    formatTurns: flag(query, 'format_turns'),
    endOfTurnConfidence: number(query, 'end_of_turn_confidence_threshold', 0, 1) ?? 0.4,
    minTurnSilenceMs:
      number(query, 'min_turn_silence', 0, 10_000) ??
      number(query, 'min_end_of_turn_silence_when_confident', 0, 10_000) ??
      (isUniversalStreaming ? 400 : 128),
    maxTurnSilenceMs: number(query, 'max_turn_silence', 0, 60_000) ?? (model === 'u3-rt-pro' ? 1000 : 1280),
    interruptionDelayMs: number(query, 'interruption_delay', 0, 1000) ?? 500,
    inactivitySeconds: number(query, 'inactivity_timeout', 5, 3600),
    keyTerms,
    language: languages[0] ?? 'en',
  };
}

function number(query: URLSearchParams, name: string, least: number, most: number): number | undefined {
  const value = query.get(name);
  if (value === null) return undefined;
  const read = value.trim() === '' ? Number.NaN : Number(value);
  if (!(read >= least && read <= most))
    throw new Refused(`Invalid '${name}': Input should be from ${least} to ${most}`);
  return read;
}

function flag(query: URLSearchParams, name: string): boolean {
  return oneOf(query, name, ['true', 'false']) === 'true';
}

function oneOf(query: URLSearchParams, name: string, values: readonly string[]): string | undefined {
  const value = query.get(name) ?? undefined;
  if (value === undefined || values.includes(value)) return value;
  throw new Refused(`Invalid '${name}': Input should be ${values.map((each) => `'${each}'`).join(', ')}`);
}

function text(query: URLSearchParams, name: string): void {
  const { length } = query.get(name) ?? '';
  if (length > 1750) throw new Refused(`Invalid '${name}': Value error, ${name} exceeds maximum length of 1750 characters (got ${length})`); // prettier-ignore
}

function list(query: URLSearchParams, name: string): string[] | undefined {
  const value = query.get(name);
  if (value === null) return undefined;
  try {
    const read: unknown = JSON.parse(value);
    if (Array.isArray(read) && read.every((each) => typeof each === 'string')) return read;
  } catch {
    // It is no list then.
  }
  throw new Refused(`Invalid '${name}': Input should be a valid list`);
}
