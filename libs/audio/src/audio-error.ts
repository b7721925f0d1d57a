/** What can be wrong with audio, or with how it is asked for. */
export type AudioErrorCode =
  /** Bytes that are not whole 16-bit samples. */
  | 'odd_length'
  /** A setting outside what its docstring allows. */
  | 'invalid_setting'
  /** Not a RIFF/WAVE file. */
  | 'wav_invalid'
  /** A WAV file that ends before what its header announces. */
  | 'wav_truncated'
  /** A WAV file of a format that is not decoded. */
  | 'wav_unsupported'
  /** Audio that no WAV header can announce: 4 GiB or more, or not whole frames. */
  | 'wav_unencodable'
  /** The resampler refused or broke. */
  | 'resampler_failed'
  /** The voice activity engine could not be loaded or refused a window. */
  | 'voice_activity_failed'
  /** `open` was called before `warm` had finished. */
  | 'not_warm'
  /** A window that is not exactly `windowSamples` long. */
  | 'wrong_window'
  /** A second reader on a queue that has one. */
  | 'second_reader'
  /** Used after `close`. */
  | 'closed';

/** The one error class of this library. Never retryable: the same audio fails again. */
export class AudioError extends Error {
  override readonly name = 'AudioError';
  readonly retryable = false;

  constructor(
    readonly code: AudioErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
