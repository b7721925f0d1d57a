export { createCartesia, type CartesiaOptions } from './create-cartesia.js';
