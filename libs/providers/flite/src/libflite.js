// @ts-check
// Bindings of libflite 2.2. Plain JavaScript: a worker thread loads it from source and from dist alike.
import koffi from 'koffi';

/** Samples per chunk: 50 ms. */
const CHUNK_SAMPLES = 800;
const CONTINUE = 0;
const STOP = -1;

const WAVE = koffi.struct({
  type: 'void *',
  sampleRate: 'int',
  numSamples: 'int',
  numChannels: 'int',
  samples: 'void *',
});
const STREAMING_INFO = koffi.struct({
  minBuffsize: 'int',
  asc: 'void *',
  utt: 'void *',
  item: 'void *',
  userdata: 'void *',
});
const VOICE_HEAD = koffi.struct({ name: 'void *', features: 'void *' });
const ON_CHUNK = koffi.proto('int FliteOnChunk(void *wave, int start, int size, int last, void *info)');

const WORD_BEGIN = 'R:Token.daughter.R:SylStructure.daughter.daughter.R:Segment.p.end';
const WORD_END = 'R:Token.daughtern.R:SylStructure.daughtern.daughtern.R:Segment.end';

/** Voices that stream what they say. Speaking blocks the thread; libflite is not to be used on another one. */
export class LibFlite {
  /** @type {Map<string, unknown>} */
  #voices = new Map();
  /** @type {(pcm: Int16Array) => boolean} */
  #onChunk = () => false;
  /** @type {((words: import('@parley/contracts').WordTime[]) => void) | undefined} */
  #onWords;
  /** Held for the thread's life: koffi unloads a library that is garbage, and a voice lives in its own. */
  #libraries = /** @type {unknown[]} */ ([]);

  /** @param {readonly string[]} voices */
  constructor(voices) {
    const flite = koffi.load('libflite.so.1');
    this.#libraries.push(flite);
    this.textToWave = flite.func('void *flite_text_to_wave(const char *, void *)');
    this.deleteWave = flite.func('void delete_wave(void *)');
    const newStreamingInfo = flite.func('void *new_audio_streaming_info()');
    const streamingInfoValue = flite.func('void *audio_streaming_info_val(void *)');
    this.utteranceRelation = flite.func('void *utt_relation(void *, const char *)');
    this.firstItem = flite.func('void *relation_head(void *)');
    this.nextItem = flite.func('void *item_next(void *)');
    this.floatFeature = flite.func('float flite_ffeature_float(void *, const char *)');
    this.textFeature = flite.func('const char *flite_ffeature_string(void *, const char *)');
    const setFeature = flite.func('void feat_set(void *, void *, void *)');
    flite.func('int flite_init()')();
    // libflite keeps the pointer to a feature's name, so the name must stay where it is.
    this.featureName = koffi.alloc('char', 16);
    koffi.encode(this.featureName, 'char', 'streaming_info', 15);
    this.callback = koffi.register(
      (
        /** @type {unknown} */ wave,
        /** @type {number} */ start,
        /** @type {number} */ size,
        /** @type {number} */ _last,
        /** @type {unknown} */ info,
      ) => {
        // When the first samples are made, all segments have their length.
        this.#onWords?.(this.#wordsOf(koffi.decode(info, STREAMING_INFO).utt));
        this.#onWords = undefined;
        // The last chunk is empty when the one before it took all.
        if (size === 0) return CONTINUE;
        const pcm = koffi.decode(koffi.decode(wave, WAVE).samples, start * 2, 'int16_t', size);
        return this.#onChunk(pcm) ? CONTINUE : STOP;
      },
      koffi.pointer(ON_CHUNK),
    );
    for (const name of voices) {
      const library = koffi.load(`libflite_cmu_us_${name}.so.1`);
      this.#libraries.push(library);
      const voice = library.func(`void *register_cmu_us_${name}(const char *)`)(null);
      if (!voice) throw new Error(`libflite refused the voice ${name}`);
      const info = newStreamingInfo();
      const values = koffi.decode(info, STREAMING_INFO);
      koffi.encode(info, STREAMING_INFO, { ...values, minBuffsize: CHUNK_SAMPLES, asc: this.callback });
      setFeature(koffi.decode(voice, VOICE_HEAD).features, this.featureName, streamingInfoValue(info));
      this.#voices.set(name, voice);
    }
  }

  /**
   * Says an ASCII text.
   * @param {string} text
   * @param {string} voice
   * @param {(pcm: Int16Array) => boolean} onChunk called with each chunk while the text is spoken; false stops it
   * @param {(words: import('@parley/contracts').WordTime[]) => void} onWords called once, before the first chunk
   */
  speak(text, voice, onChunk, onWords) {
    this.#onChunk = onChunk;
    this.#onWords = onWords;
    const wave = this.textToWave(text, this.#voices.get(voice));
    if (wave) this.deleteWave(wave);
  }

  /**
   * When each token of the text that is said begins and ends, its punctuation left out.
   * @param {unknown} utterance
   */
  #wordsOf(utterance) {
    const words = [];
    const tokens = utterance ? this.utteranceRelation(utterance, 'Token') : null;
    for (let token = tokens && this.firstItem(tokens); token; token = this.nextItem(token)) {
      const startMs = this.floatFeature(token, WORD_BEGIN) * 1000;
      const endMs = this.floatFeature(token, WORD_END) * 1000;
      if (endMs > startMs) words.push({ word: this.textFeature(token, 'name'), startMs, endMs });
    }
    return words;
  }
}
