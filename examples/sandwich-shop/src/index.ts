export { sandwichShop } from './sandwich-shop.js';
export { MENU, findItem, type MenuItem } from './menu.js';
export { pricedLines, totalDollars, type Confirmation, type Order, type OrderLine, type PricedLine } from './order.js';
export { MAX_QUANTITY } from './tools.js';
