// @ts-check

/** Share of a context's mass that goes to what was not seen in it, for each thing seen in it. */
const DISCOUNT = 0.5;
/**
 * Scale of the single-word probabilities. The missing mass stays with the general model that this one is mixed with:
 * a word is likely here only after words that it was seen after.
 */
const UNIGRAM_SCALE = 0.05;
const FLOOR = 1e-9;

/**
 * Writes a trigram model with absolute discounting of the given sentences, in ARPA format.
 * @param {string[][]} sentences words without `<s>`
 */
export function writeArpa(sentences) {
  const [unigrams, bigrams, trigrams] = count(sentences);
  let total = 0;
  for (const seen of unigrams.values()) total += seen;
  const p1 = new Map([...unigrams].map(([word, seen]) => [word, (UNIGRAM_SCALE * seen) / total]));
  const { probabilities: p2, backoffs: b1 } = discount(bigrams, p1);
  const { probabilities: p3, backoffs: b2 } = discount(trigrams, p2);
  return [
    '\\data\\',
    `ngram 1=${p1.size + 1}`,
    `ngram 2=${p2.size}`,
    `ngram 3=${p3.size}`,
    '',
    '\\1-grams:',
    `-99 <s> ${log(b1.get('<s>') ?? 1)}`,
    ...[...p1].map(([gram, p]) => `${log(p)} ${gram} ${log(b1.get(gram) ?? 1)}`),
    '',
    '\\2-grams:',
    ...[...p2].map(([gram, p]) => `${log(p)} ${gram} ${log(b2.get(gram) ?? 1)}`),
    '',
    '\\3-grams:',
    ...[...p3].map(([gram, p]) => `${log(p)} ${gram}`),
    '',
    '\\end\\',
    '',
  ].join('\n');
}

/**
 * @param {string[][]} sentences
 * @returns {[Map<string, number>, Map<string, number>, Map<string, number>]}
 */
function count(sentences) {
  /** @type {[Map<string, number>, Map<string, number>, Map<string, number>]} */
  const grams = [new Map(), new Map(), new Map()];
  for (const sentence of sentences) {
    const words = ['<s>', ...sentence];
    for (let end = 1; end < words.length; end++) {
      grams.forEach((seen, order) => {
        if (end < order) return;
        const gram = words.slice(end - order, end + 1).join(' ');
        seen.set(gram, (seen.get(gram) ?? 0) + 1);
      });
    }
  }
  return grams;
}

/**
 * @param {Map<string, number>} grams
 * @param {Map<string, number>} lower probabilities of the grams one word shorter
 */
function discount(grams, lower) {
  /** @type {Map<string, { seen: number, kinds: number, lowerMass: number }>} */
  const contexts = new Map();
  for (const [gram, seen] of grams) {
    const name = gram.slice(0, gram.lastIndexOf(' '));
    const context = contexts.get(name) ?? { seen: 0, kinds: 0, lowerMass: 0 };
    context.seen += seen;
    context.kinds += 1;
    context.lowerMass += lower.get(gram.slice(gram.indexOf(' ') + 1)) ?? 0;
    contexts.set(name, context);
  }
  const probabilities = new Map();
  for (const [gram, seen] of grams) {
    const context = contexts.get(gram.slice(0, gram.lastIndexOf(' ')));
    probabilities.set(gram, (seen - DISCOUNT) / (context?.seen ?? 1));
  }
  const backoffs = new Map();
  for (const [name, { seen, kinds, lowerMass }] of contexts) {
    backoffs.set(name, (DISCOUNT * kinds) / seen / Math.max(1e-6, 1 - lowerMass));
  }
  return { probabilities, backoffs };
}

/** @param {number} p */
function log(p) {
  return Math.log10(Math.max(p, FLOOR)).toFixed(4);
}
