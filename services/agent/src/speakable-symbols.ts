const CURRENCIES: Record<string, [one: string, many: string, cent: string, cents: string]> = {
  $: ['dollar', 'dollars', 'cent', 'cents'],
  '€': ['euro', 'euros', 'cent', 'cents'],
  '£': ['pound', 'pounds', 'penny', 'pence'],
  '¥': ['yen', 'yen', 'sen', 'sen'],
  '₹': ['rupee', 'rupees', 'paisa', 'paise'],
};
const SIGN = '[$€£¥₹]';
const AMOUNT = String.raw`\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?`;
const SCALE = '(?: ?(?:hundred|thousand|million|billion|trillion|[kKMB])(?![A-Za-z]))?';

const PRICE_RANGE = new RegExp(`(${SIGN})(${AMOUNT})\\s?[-–]\\s?\\1?(${AMOUNT})(?![\\d-])`, 'g');
const PRICE = new RegExp(`(?<![\\p{L}\\p{N}])(-?)(${SIGN})\\s?(${AMOUNT})(${SCALE})`, 'gu');
const PRICE_BEHIND = new RegExp(`(?<![\\p{L}\\p{N}.,])(${AMOUNT})\\s?([€£])(?![\\d])`, 'gu');

const TLDS = 'com|org|net|edu|gov|io|dev|app|ai|co|uk|de|fr|es|it|nl|in|eu|us|ca|au|info|biz|me|tv|xyz|shop|store';
const WEB_ADDRESS = /\b(?:https?:\/\/|www\.)([^\s/?#)\]>"']+)(\/[^\s)\]>"']*)?[^\s)\]>"']*/gi;
const EMAIL = /\b([\w.+-]+)@([\w-]+(?:\.[\w-]+)+)\b/g;
const DOMAIN = new RegExp(`(?<![\\w.@-])((?:[a-z0-9][a-z0-9-]*\\.)+(?:${TLDS}))(\\/[\\w./-]*)?(?![\\w-])`, 'gi');

const EMOJI =
  /[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}\u{FE0E}\u{FE0F}\u{200D}\u{20E3}\u{E0020}-\u{E007F}]/gu;
const SCALES: Record<string, string> = { k: 'thousand', K: 'thousand', M: 'million', B: 'billion' };

/** Writes addresses, prices, ranges and signs as words, and drops emoji. English words. */
export function wordsForSymbols(text: string): string {
  return signs(ranges(prices(addresses(text.replace(/[‘’]/g, "'").replace(/[“”]/g, '"')))).replace(EMOJI, ' '));
}

function addresses(text: string): string {
  return text
    .replace(WEB_ADDRESS, (whole, host: string, path?: string) => {
      const stop = /[.,;:!?]+$/.exec(whole)?.[0] ?? '';
      return `${spelled(host.replace(/^www\./i, '').replace(/[.,;:!?]+$/, ''))}${spokenPath(path)}${stop}`;
    })
    .replace(EMAIL, (_, name: string, host: string) => `${spelled(name)} at ${spelled(host)}`)
    .replace(DOMAIN, (_, host: string, path?: string) => {
      const stop = /[.]+$/.exec(path ?? '')?.[0] ?? '';
      return `${spelled(host)}${spokenPath(path)}${stop}`;
    });
}

function spelled(name: string): string {
  return name
    .replace(/:\d+$/, '')
    .replace(/\./g, ' dot ')
    .replace(/_/g, ' underscore ')
    .replace(/\+/g, ' plus ')
    .replace(/-/g, ' dash ');
}

/** A short path is said; nobody wants to hear a long one. */
function spokenPath(path = ''): string {
  const parts = path
    .replace(/[.,;:!?]+$/, '')
    .split('/')
    .filter(Boolean);
  return parts.length === 1 && /^[\w-]{1,20}$/.test(parts[0] ?? '') ? ` slash ${spelled(parts[0] ?? '')}` : '';
}

function prices(text: string): string {
  return text
    .replace(PRICE_RANGE, (_, sign: string, low: string, high: string) => `${plain(low)} to ${money(sign, high, '')}`)
    .replace(
      PRICE,
      (_, minus: string, sign: string, amount: string, scale: string) =>
        `${minus && 'minus '}${money(sign, amount, scale)}`,
    )
    .replace(PRICE_BEHIND, (_, amount: string, sign: string) => money(sign, amount, ''));
}

function money(sign: string, amount: string, scale: string): string {
  const [one, many, cent, cents] = CURRENCIES[sign] ?? ['', '', '', ''];
  const number = plain(amount);
  const factor = scale.trim();
  if (factor) return `${number} ${SCALES[factor] ?? factor} ${many}`;
  const [whole = '0', decimals = ''] = number.split('.');
  if (decimals !== '' && decimals.length !== 2) return `${number} ${many}`;
  const small = Number(decimals);
  const units = `${whole} ${Number(whole) === 1 ? one : many}`;
  if (small === 0) return units;
  const change = `${small} ${small === 1 ? cent : cents}`;
  return Number(whole) === 0 ? change : `${units} and ${change}`;
}

function plain(amount: string): string {
  return amount.replace(/,/g, '');
}

function ranges(text: string): string {
  return text
    .replace(/(?<![\d.:-])(\d{1,2}:\d{2})\s?[-–]\s?(\d{1,2}:\d{2})(?![\d:-])/g, '$1 to $2')
    .replace(
      /(?<![\p{L}\d.,:/-])(\d{1,4})\s?(?:–|-)\s?(\d{1,4})(?![\d:/-]|[.,]\d)/gu,
      (whole, low: string, high: string) =>
        Number(low) < Number(high) && (whole.includes('–') || (low.length < 4 && high.length < 4))
          ? `${low} to ${high}`
          : whole,
    );
}

function signs(text: string): string {
  return text
    .replace(/(\d)\s?%/g, '$1 percent')
    .replace(/#(?=\d)/g, 'number ')
    .replace(/#(?=\p{L})/gu, '')
    .replace(/\s*&\s*/g, ' and ')
    .replace(/\s*@\s*/g, ' at ')
    .replace(/(?<=\d)\s?[×*]\s?(?=\d)/g, ' times ')
    .replace(/(?<=\d)\s?×|×\s?(?=\d)/g, ' times ')
    .replace(/(?<=\d) ?\+ ?(?=\d)/g, ' plus ')
    .replace(/ \+ /g, ' plus ')
    .replace(/(?<=\S) ?= ?(?=\S)/g, ' equals ')
    .replace(/(?<=^|\s)[~≈](?=\d)/g, 'about ')
    .replace(/(?<=^|[\s(])[-−](?=\d)/g, 'minus ')
    .replace(/°\s?C\b/g, ' degrees Celsius')
    .replace(/°\s?F\b/g, ' degrees Fahrenheit')
    .replace(/°/g, ' degrees')
    .replace(/\s*(?:→|⇒|->|=>)\s*/g, ', ')
    .replace(/\s*(?:—|--| – )\s*/g, ', ')
    .replace(/…/g, '...')
    .replace(/(?<=\p{L})_(?=\p{L})/gu, ' ')
    .replace(/\band ?\/ ?or\b/gi, 'and or')
    .replace(/(?<=\p{L}{2}) ?\/ ?(?=\p{L}{2})/gu, ' or ')
    .replace(/[*_~`|<>\\^{}[\]•#]/g, ' ');
}
