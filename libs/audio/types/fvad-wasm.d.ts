declare module '@echogarden/fvad-wasm' {
  /** The exports of libfvad that are used here; pointers are offsets in its memory. */
  export interface FvadModule {
    /** Replaced when the memory grows: read it anew before each use. */
    readonly HEAP16: Int16Array;
    _malloc(bytes: number): number;
    _free(pointer: number): void;
    _fvad_new(): number;
    _fvad_free(detector: number): void;
    _fvad_set_mode(detector: number, mode: number): number;
    _fvad_set_sample_rate(detector: number, sampleRateHz: number): number;
    /** 1 speech, 0 none, -1 when the length does not fit the rate. */
    _fvad_process(detector: number, window: number, windowSamples: number): number;
  }
  export default function loadFvad(): Promise<FvadModule>;
}
