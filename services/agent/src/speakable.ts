import { withoutMarkdown } from './speakable-markdown.js';
import { wordsForSymbols } from './speakable-symbols.js';

/**
 * Makes a model's text sayable: markdown, code, emoji and HTML go, addresses, prices and signs become words. Made
 * for one sentence or a few; marks that the cut left alone are dropped too.
 * @returns '' when nothing in it can be said
 */
export function toSpeakable(text: string): string {
  const words = wordsForSymbols(withoutMarkdown(text)).replace(/\s+/g, ' ').trim();
  const tidy = words
    .replace(/ ([,.;:!?])/g, '$1')
    .replace(/^[,.;:!?\s]+(?=[\p{L}\p{N}])/u, '')
    .replace(/([,;:])(?:\s*[,;:])+/g, '$1')
    .trim();
  return /[\p{L}\p{N}]/u.test(tidy) ? tidy : '';
}
