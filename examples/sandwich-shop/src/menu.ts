/** Something the shop sells. */
export interface MenuItem {
  readonly item: string;
  readonly priceDollars: number;
}

/** What the shop sells. */
export const MENU: readonly MenuItem[] = [
  { item: 'BLT', priceDollars: 8 },
  { item: 'Turkey Club', priceDollars: 10 },
  { item: 'Veggie Wrap', priceDollars: 9 },
  { item: 'Chips', priceDollars: 2 },
  { item: 'Soup', priceDollars: 4 },
  { item: 'Soda', priceDollars: 2 },
  { item: 'Coffee', priceDollars: 3 },
];

/**
 * Finds an item by its name, whatever its case, spacing, punctuation and plural.
 * @returns undefined when the shop does not sell it
 */
export function findItem(name: string): MenuItem | undefined {
  const wanted = plain(name);
  return MENU.find(({ item }) => plain(item) === wanted);
}

function plain(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z]/g, '')
    .replace(/s$/, '');
}
