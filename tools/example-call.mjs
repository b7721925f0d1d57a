/** The call that `npm start` places: what the caller plays, in turn. */
export const EXAMPLE_WAVS = ['menu', 'order', 'confirm'].map((name) => `examples/audio/${name}.wav`);

/** Words of the example agent's trade, which the local recogniser would otherwise mishear. */
export const EXAMPLE_KEY_TERMS = 'BLT,turkey club,turkey clubs,veggie wrap,chips,soup,soda,coffee,menu,order,two';
