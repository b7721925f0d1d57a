const ENTITIES: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  hellip: '…',
  mdash: '—',
  ndash: '–',
  lsquo: "'",
  rsquo: "'",
  ldquo: '"',
  rdquo: '"',
  deg: '°',
  times: '×',
  euro: '€',
  pound: '£',
  copy: '',
  reg: '',
  trade: '',
};

/** The text of markdown with some HTML in it, line by line; code blocks are left out. */
export function withoutMarkdown(markdown: string): string {
  const prose = markdown
    .replace(/```[\s\S]*?(?:```|$)/g, '\n')
    .replace(/<!--[\s\S]*?(?:-->|$)/g, ' ')
    .replace(/!\[([^\]\n]*)\]\([^)\s]*\)/g, '$1')
    .replace(/\[([^\]\n]+)\]\([^)\n]*\)/g, '$1')
    .replace(/\[([^\]\n]+)\]\[[^\]\n]*\]/g, '$1')
    .replace(/\[\^[^\]\s]+\]:?/g, '')
    .replace(/<((?:https?:\/\/|mailto:)[^>\s]+)>/g, '$1')
    .replace(/<\/?[a-z][a-z0-9-]*(?:\s[^<>]*)?\/?>/gi, ' ')
    .replace(/&(#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,8});/gi, decoded);
  const lines = prose.split('\n').map(plainLine).filter(Boolean);
  return lines.map((line, index) => (index < lines.length - 1 ? closed(line) : line)).join(' ');
}

function plainLine(line: string): string {
  const text = line.trim();
  if (/^(?:[-*_]\s*){3,}$/.test(text) || /^\|?[\s:|-]*-[\s:|-]*$/.test(text)) return '';
  const body = text
    .replace(/^(?:>\s?)+/, '')
    .replace(/^#{1,6}\s+/, '')
    .replace(/^[-*+•]\s+(?:\[[ xX]\]\s+)?/, '')
    .replace(/\s#+$/, '');
  return unmarked(/^\|.*\|$/.test(body) ? cells(body) : body).trim();
}

function cells(row: string): string {
  return row
    .split('|')
    .map((cell) => cell.trim())
    .filter(Boolean)
    .join(', ');
}

/** Drops the marks of bold, italics, strike-through and code, also where their other half is missing. */
function unmarked(text: string): string {
  return text
    .replace(/`+/g, '')
    .replace(/\*\*|__|~~/g, '')
    .replace(/(?<!\d)\*(?=\S)|(?<=\S)\*(?!\d)/g, '')
    .replace(/(?<![\p{L}\p{N}])_(?=\S)|(?<=\S)_(?![\p{L}\p{N}])/gu, '')
    .replace(/\\([\\`*_{}[\]()#+.!~|-])/g, '$1');
}

/** A line that is followed by another ends like a sentence. */
function closed(line: string): string {
  return /[\p{L}\p{N}%)"']$/u.test(line) ? `${line}.` : line;
}

function decoded(whole: string, name: string): string {
  if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? whole;
  const hex = /^#x/i.test(name);
  const code = Number.parseInt(name.slice(hex ? 2 : 1), hex ? 16 : 10);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
}
