/** How many of one thing. */
export interface Counted {
  item: string;
  quantity: number;
}

const NUMBERS = [
  'no',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];

/** A price as it is written: $22, $4.50. */
export function dollars(amount: number): string {
  return `$${Number.isInteger(amount) ? amount : amount.toFixed(2)}`;
}

/** "a Soda", "two Turkey Clubs", "Chips". */
export function counted({ item, quantity }: Counted): string {
  if (quantity === 1) return item.endsWith('s') ? item : `a ${item}`;
  return `${NUMBERS[quantity] ?? quantity} ${item.endsWith('s') ? item : `${item}s`}`;
}

/** "a", "a and b", "a, b and c". */
export function listed(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1]}`;
}

/** The text with its first letter a capital. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
