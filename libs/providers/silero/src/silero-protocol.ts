/** What the thread loads, and the memory that it shares with whoever started it. */
export interface SileroSetup {
  /** The model's file. */
  modelPath: string;
  batch: SharedBatch;
}

/** Where a batch of n sessions lies, in the order of the model's tensors; nobody writes while the other side works. */
export interface SharedBatch {
  /** n rows: the context and the window of each session. */
  input: Float32Array;
  /** n rows of the hidden state and then n rows of the cell state, before the windows and, once judged, after them. */
  state: Float32Array;
  /** n probabilities of speech. */
  probabilities: Float32Array;
}

/** What the thread is told: to judge so many sessions' windows. One batch at a time. */
export interface SileroCommand {
  windows: number;
}

/** What the thread answers: once when it has loaded, then once for each batch. */
export type SileroReport =
  | { type: 'ready' }
  | { type: 'load_failed'; message: string }
  | { type: 'judged' }
  | { type: 'failed'; message: string };
