import { MENU } from './menu.js';

/** How many of one item are in the order. */
export interface OrderLine {
  item: string;
  quantity: number;
}

/** What the shop remembers of one caller; plain JSON. */
export interface Order {
  /** One line for each item, in the order they were first asked for. */
  lines: OrderLine[];
  /** Set when the caller confirmed the order as it stands; adding to it takes it away. */
  confirmed?: Confirmation;
}

/** A confirmed order. */
export interface Confirmation {
  orderNumber: number;
  /** The key of the tool call that confirmed it. */
  idempotencyKey: string;
}

/** An order line with its prices, as tools tell it. */
export interface PricedLine extends OrderLine {
  priceDollars: number;
  lineTotalDollars: number;
}

/** The order with `quantity` more of `item`; not confirmed any more. */
export function withMore(order: Order, item: string, quantity: number): Order {
  const known = order.lines.some((line) => line.item === item);
  return {
    lines: known
      ? order.lines.map((line) => (line.item === item ? { item, quantity: line.quantity + quantity } : line))
      : [...order.lines, { item, quantity }],
  };
}

/** The order's lines with what each costs. */
export function pricedLines(order: Order): PricedLine[] {
  return order.lines.map(({ item, quantity }) => {
    const priceDollars = MENU.find((entry) => entry.item === item)?.priceDollars ?? 0;
    return { item, quantity, priceDollars, lineTotalDollars: priceDollars * quantity };
  });
}

/** What the whole order costs. */
export function totalDollars(order: Order): number {
  return pricedLines(order).reduce((total, line) => total + line.lineTotalDollars, 0);
}
