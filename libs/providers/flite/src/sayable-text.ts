const AS_WORDS: readonly (readonly [RegExp, string])[] = [
  [/€\s?(\d[\d.,]*\d|\d)/g, '$1 euros'],
  [/£\s?(\d[\d.,]*\d|\d)/g, '$1 pounds'],
  [/¥\s?(\d[\d.,]*\d|\d)/g, '$1 yen'],
  [/€/g, ' euros '],
  [/£/g, ' pounds '],
  [/¥/g, ' yen '],
  [/½/g, ' and a half '],
  [/¼/g, ' and a quarter '],
  [/¾/g, ' and three quarters '],
  [/°/g, ' degrees '],
  [/×/g, ' times '],
];

const AS_ASCII: Readonly<Record<string, string>> = {
  '‘': "'",
  '’': "'",
  '‚': ',',
  '“': ' ',
  '”': ' ',
  '„': ' ',
  '«': ' ',
  '»': ' ',
  '–': ', ',
  '—': ', ',
  '‐': '-',
  '‑': '-',
  '…': '. ',
  ß: 'ss',
  æ: 'ae',
  Æ: 'Ae',
  œ: 'oe',
  Œ: 'Oe',
  ø: 'o',
  Ø: 'O',
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  Đ: 'D',
  ı: 'i',
};

/**
 * Rewrites a text in the ASCII that libflite speaks: accents are dropped, typographic signs and common symbols are
 * replaced, anything else that is not ASCII (other scripts, emoji) is left out.
 * @returns an empty text when there is nothing to say
 */
export function sayableText(text: string): string {
  let ascii = text;
  for (const [symbol, words] of AS_WORDS) ascii = ascii.replace(symbol, words);
  ascii = [...ascii]
    .map((char) => AS_ASCII[char] ?? char)
    .join('')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]/g, ' ')
    .replace(/ +/g, ' ')
    .trim();
  return /[A-Za-z0-9$%&@+=#]/.test(ascii) ? ascii : '';
}
