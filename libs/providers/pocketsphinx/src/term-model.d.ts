/** A trigram model in ARPA format, or nothing when no term can be pronounced, and the terms left out of it. */
export interface TermModel {
  arpa: string | undefined;
  ignored: string[];
}

/**
 * Builds a small language model in which the terms are asked for, counted and asked about in everyday phrases. It is
 * meant to be mixed into a general model: its words are likely only in company of each other.
 * @param knows whether the dictionary has a (lower-case) word
 */
export function buildTermModel(terms: readonly string[], knows: (word: string) => boolean): TermModel;
