import { fits } from './pattern.js';

/**
 * Where a value is not what is wanted of it: objects may have more fields than are wanted, lists have as many items. A
 * text is wanted as it is or as `/pattern/`, a number as it is or with `above` and `below`.
 * @returns undefined when it is what is wanted
 */
export function mismatch(wanted: unknown, got: unknown, at = ''): string | undefined {
  if (typeof wanted === 'string' && typeof got === 'string') return fits(wanted, got) ? undefined : differs(at, got);
  if (isRange(wanted)) return isWithin(wanted, got) ? undefined : differs(at, got);
  if (Array.isArray(wanted)) {
    if (!Array.isArray(got)) return differs(at, got);
    if (got.length !== wanted.length) return `${at || 'it'} has ${got.length} items, not ${wanted.length}`;
    return firstMismatch(wanted.map((item, index) => [`${at}[${index}]`, item, got[index] as unknown]));
  }
  if (typeof wanted === 'object' && wanted !== null) {
    if (typeof got !== 'object' || got === null) return differs(at, got);
    const fields = Object.entries(wanted).map(
      ([name, value]) => [at ? `${at}.${name}` : name, value, (got as Record<string, unknown>)[name]] as const,
    );
    return firstMismatch(fields);
  }
  return Object.is(wanted, got) ? undefined : differs(at, got);
}

interface Range {
  above?: number;
  below?: number;
}

function isRange(wanted: unknown): wanted is Range {
  if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted)) return false;
  const entries = Object.entries(wanted);
  const isBound = ([name, value]: [string, unknown]) => /^(above|below)$/u.test(name) && typeof value === 'number';
  return entries.length > 0 && entries.every(isBound);
}

function isWithin({ above = -Infinity, below = Infinity }: Range, got: unknown): boolean {
  return typeof got === 'number' && got > above && got < below;
}

function firstMismatch(parts: readonly (readonly [at: string, wanted: unknown, got: unknown])[]): string | undefined {
  for (const [at, wanted, got] of parts) {
    const found = mismatch(wanted, got, at);
    if (found) return found;
  }
  return undefined;
}

function differs(at: string, got: unknown): string {
  return `${at || 'it'} was ${JSON.stringify(got) ?? 'absent'}`;
}
