/** The call that `npm start` places: what the caller plays, in turn; paths from the root of the repository. */
export declare const EXAMPLE_WAVS: readonly string[];
/** Words of the example agent's trade, for `STT_KEY_TERMS`. */
export declare const EXAMPLE_KEY_TERMS: string;
