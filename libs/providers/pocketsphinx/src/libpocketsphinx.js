// @ts-check
// Bindings of libpocketsphinx 0.8+5prealpha. Plain JavaScript: a worker thread loads it from source and from dist alike.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import koffi from 'koffi';
import { buildTermModel } from './term-model.js';

/** Weight of the key terms' n-grams against the general language model's. */
const TERM_WEIGHT = 0.3;
/** Language models with key terms that one decoder holds at a time; each takes about 65 MB. */
const MAX_TERM_MODELS = 2;
const FRAME_MS = 10;
const GENERAL = '_default';

/** Loads the C functions. Throws what koffi throws when a library is not on this machine. */
function bind() {
  const base = koffi.load('libsphinxbase.so.3');
  const ps = koffi.load('libpocketsphinx.so.3');
  return {
    setLogFile: base.func('void err_set_logfp(void *)'),
    parseConfig: base.func('void *cmd_ln_parse_r(void *, void *, int, const char **, int)'),
    freeConfig: base.func('int cmd_ln_free_r(void *)'),
    readModel: base.func('void *ngram_model_read(void *, const char *, int, void *)'),
    mixModels: base.func('void *ngram_model_set_init(void *, void **, const char **, const float *, int)'),
    freeModel: base.func('int ngram_model_free(void *)'),
    getMean: base.func('void cmn_live_get(void *, _Out_ float *)'),
    setMean: base.func('void cmn_live_set(void *, const float *)'),
    args: ps.func('void *ps_args()'),
    init: ps.func('void *ps_init(void *)'),
    free: ps.func('int ps_free(void *)'),
    features: ps.func('void *ps_get_feat(void *)'),
    logMath: ps.func('void *ps_get_logmath(void *)'),
    addWord: ps.func('int ps_add_word(void *, const char *, const char *, int)'),
    lookup: ps.func('void *ps_lookup_word(void *, const char *)'),
    freeText: koffi.load('libc.so.6').func('void free(void *)'),
    getModel: ps.func('void *ps_get_lm(void *, const char *)'),
    setModel: ps.func('int ps_set_lm(void *, const char *, void *)'),
    setSearch: ps.func('int ps_set_search(void *, const char *)'),
    unsetSearch: ps.func('int ps_unset_search(void *, const char *)'),
    startStream: ps.func('int ps_start_stream(void *)'),
    start: ps.func('int ps_start_utt(void *)'),
    process: ps.func('int ps_process_raw(void *, const int16_t *, size_t, int, int)'),
    end: ps.func('int ps_end_utt(void *)'),
    hypothesis: ps.func('const char *ps_get_hyp(void *, _Out_ int32_t *)'),
    probability: ps.func('int32_t ps_get_prob(void *)'),
    segments: ps.func('void *ps_seg_iter(void *)'),
    nextSegment: ps.func('void *ps_seg_next(void *)'),
    segmentWord: ps.func('const char *ps_seg_word(void *)'),
    segmentFrames: ps.func('void ps_seg_frames(void *, _Out_ int *, _Out_ int *)'),
  };
}

/** Head of the library's feat_t, down to the cepstral mean that it carries from one utterance to the next. */
const FEATURES = koffi.struct({
  refcount: 'int',
  name: 'void *',
  cepsize: 'int32_t',
  nStream: 'int32_t',
  streamLen: 'void *',
  windowSize: 'int32_t',
  nSv: 'int32_t',
  svLen: 'void *',
  subvecs: 'void *',
  svBuf: 'void *',
  svDim: 'int32_t',
  cmn: 'int32_t',
  varnorm: 'int32_t',
  agc: 'int32_t',
  computeFeat: 'void *',
  cmnStruct: 'void *',
});

/** One decoder. Its calls block the thread. */
export class LibPocketsphinx {
  /** Cached term models by key, the least recently used first. @type {Map<string, string>} */
  #models = new Map();
  #named = 0;
  #log1 = Math.log(1.0001);

  /** @param {import('./decoder-protocol.js').DecoderSetup} setup */
  constructor(setup) {
    const c = (this.c = bind());
    c.setLogFile(null);
    const words = ['parley', '-hmm', setup.acousticModel, '-lm', setup.languageModel, '-dict', setup.dictionary];
    // Silence stays in, so that word times count from the utterance's first sample.
    words.push('-remove_silence', 'no');
    this.config = c.parseConfig(null, c.args(), words.length, words, 1);
    this.ps = this.config && c.init(this.config);
    if (!this.ps) throw new Error('libpocketsphinx refused its model files');
    const added = Object.entries(setup.pronunciations);
    added.forEach(([word, phones], i) => {
      const result = c.addWord(this.ps, this.#freeEntry(word), phones, i === added.length - 1 ? 1 : 0);
      if (result < 0) throw new Error(`libpocketsphinx refused the pronunciation of "${word}"`);
    });
    const features = koffi.decode(c.features(this.ps), FEATURES);
    this.cepstralMean = features.cmnStruct;
    this.initialMean = new Float32Array(features.cepsize);
    c.getMean(this.cepstralMean, this.initialMean);
  }

  /**
   * The dictionary's entry for one more pronunciation: the word, or "word(2)" and so on where it has some already.
   * @param {string} word
   */
  #freeEntry(word) {
    let entry = word;
    for (let n = 2; this.knows(entry); n++) entry = `${word}(${n})`;
    return entry;
  }

  /** @param {string} word */
  knows(word) {
    const phones = this.c.lookup(this.ps, word);
    if (phones) this.c.freeText(phones);
    return Boolean(phones);
  }

  /**
   * Makes the language model with these terms the one of the next utterance.
   * @param {readonly string[]} terms
   * @returns {string[]} terms with a word that has no pronunciation; they are left out
   */
  useTerms(terms) {
    const key = JSON.stringify(terms);
    const cached = this.#models.get(key);
    if (cached) {
      this.#models.delete(key);
      this.#models.set(key, cached);
      this.c.setSearch(this.ps, cached);
      return [];
    }
    const { arpa, ignored } = buildTermModel(terms, (word) => this.knows(word));
    if (!arpa) {
      this.c.setSearch(this.ps, GENERAL);
      return ignored;
    }
    this.#evict();
    const name = `terms-${++this.#named}`;
    this.#load(name, arpa);
    this.#models.set(key, name);
    this.c.setSearch(this.ps, name);
    return ignored;
  }

  #evict() {
    const [oldest] = this.#models;
    if (!oldest || this.#models.size < MAX_TERM_MODELS) return;
    this.c.setSearch(this.ps, GENERAL);
    this.c.unsetSearch(this.ps, oldest[1]);
    this.#models.delete(oldest[0]);
  }

  /** @param {string} name @param {string} arpa */
  #load(name, arpa) {
    const { c, ps } = this;
    const folder = mkdtempSync(join(tmpdir(), 'parley-terms-'));
    try {
      const file = join(folder, 'terms.lm');
      writeFileSync(file, arpa);
      const terms = c.readModel(this.config, file, 0, c.logMath(ps));
      if (!terms) throw new Error('libpocketsphinx refused the language model of the key terms');
      const mix = [c.getModel(ps, GENERAL), terms];
      const mixed = c.mixModels(this.config, mix, ['general', 'terms'], [1 - TERM_WEIGHT, TERM_WEIGHT], mix.length);
      if (!mixed || c.setModel(ps, name, mixed) < 0) throw new Error('libpocketsphinx refused to mix language models');
      c.freeModel(mixed);
      c.freeModel(terms);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /**
   * Starts an utterance. What the decoder learned from the one before, which may be another caller's, is put aside.
   * @param {Float32Array | undefined} mean what `finish` gave for this caller's last utterance
   */
  start(mean) {
    this.c.setMean(this.cepstralMean, mean ?? this.initialMean);
    this.#check(this.c.startStream(this.ps), 'ps_start_stream');
    this.#check(this.c.start(this.ps), 'ps_start_utt');
  }

  /** @param {Int16Array} pcm @returns {string} the hypothesis so far */
  accept(pcm) {
    this.#check(this.c.process(this.ps, pcm, pcm.length, 0, 0), 'ps_process_raw');
    return this.#text();
  }

  /** Ends the utterance. @returns {import('./decoder-protocol.js').Recognition} */
  finish() {
    this.end();
    const text = this.#text();
    const words = this.#words();
    const mean = new Float32Array(this.initialMean.length);
    this.c.getMean(this.cepstralMean, mean);
    if (!text) return { text, words, mean };
    // The posterior is of the whole utterance; its mean per word compares across lengths.
    const confidence = Math.exp((this.c.probability(this.ps) * this.#log1) / text.split(' ').length);
    return { text, words, mean, confidence: Math.min(1, confidence) };
  }

  end() {
    this.#check(this.c.end(this.ps), 'ps_end_utt');
  }

  close() {
    this.c.free(this.ps);
    this.c.freeConfig(this.config);
  }

  #text() {
    return this.c.hypothesis(this.ps, [0]) ?? '';
  }

  #words() {
    const words = [];
    for (let at = this.c.segments(this.ps); at; at = this.c.nextSegment(at)) {
      // "read(2)" is the second pronunciation of "read"; <sil>, [NOISE] and ++BREATH++ are no words.
      const word = this.c.segmentWord(at).replace(/\(\d+\)$/, '');
      if (/^[<[+]/.test(word)) continue;
      const first = [0];
      const last = [0];
      this.c.segmentFrames(at, first, last);
      words.push({ word, startMs: (first[0] ?? 0) * FRAME_MS, endMs: ((last[0] ?? 0) + 1) * FRAME_MS });
    }
    return words;
  }

  /** @param {number} result @param {string} call */
  #check(result, call) {
    if (result < 0) throw new Error(`${call} failed`);
  }
}
