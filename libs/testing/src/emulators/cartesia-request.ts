/** A request to speak, as far as it was checked. */
export interface GenerationFields {
  context_id: string;
  model_id: string;
  transcript: string;
  voiceId: string;
  language: string;
  sampleRateHz: number;
  continue: boolean;
  flush: boolean;
  add_timestamps: boolean;
}

/** Why a request is refused. */
export interface Refusal {
  status: number;
  code: string | null;
  title: string;
}

type Fields = Readonly<Record<string, unknown>>;

const RATES_HZ = [8000, 16_000, 22_050, 24_000, 44_100, 48_000];

/** Checks a request to speak as Cartesia does; fields that are not known are passed over. */
export function readGeneration(fields: Fields, voices: readonly string[] | undefined): GenerationFields | Refusal {
  const invalid = (title: string): Refusal => ({ status: 400, code: null, title });
  const { context_id: contextId, model_id: model, transcript, language = 'en', output_format: format } = fields;
  if (typeof contextId !== 'string' || !/^[\w-]+$/.test(contextId)) return invalid('Invalid context ID');
  if (typeof model !== 'string' || model === '') return invalid('Model ID is required');
  if (typeof transcript !== 'string') return invalid('Transcript is required');
  if (typeof language !== 'string') return invalid('Invalid language');
  const voiceId = typeof fields['voice'] === 'string' ? fields['voice'] : asFields(fields['voice'])['id'];
  if (typeof voiceId !== 'string') return invalid('Voice is required');
  if (voices && !voices.includes(voiceId)) return { status: 404, code: 'voice_not_found', title: 'Voice not found' };
  const { container, encoding, sample_rate: sampleRateHz } = asFields(format);
  if (container !== 'raw' || encoding !== 'pcm_s16le' || typeof sampleRateHz !== 'number')
    return invalid('Invalid output format');
  if (!RATES_HZ.includes(sampleRateHz)) return invalid('Invalid sample rate');
  if (!isWithin(fields['max_buffer_delay_ms'], 0, 5000)) return invalid('Invalid max buffer delay');
  const { speed, volume } = asFields(fields['generation_config']);
  if (!isWithin(speed, 0.6, 1.5) || !isWithin(volume, 0.5, 2)) return invalid('Invalid generation config');
  const goesOn = fields['continue'] === true;
  const flush = fields['flush'] === true;
  return {
    context_id: contextId,
    model_id: model,
    transcript,
    voiceId,
    language,
    sampleRateHz,
    continue: goesOn,
    flush,
    add_timestamps: fields['add_timestamps'] === true,
  };
}

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return value === undefined || value === null || (typeof value === 'number' && value >= least && value <= most);
}
