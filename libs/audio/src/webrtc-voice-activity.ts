import loadFvad, { type FvadModule } from '@echogarden/fvad-wasm';
import { AudioError } from './audio-error.js';
import { msToSamples } from './pcm-duration.js';
import { rmsDbfs } from './pcm-level.js';

/** How the WebRTC detector judges. */
export interface WebRtcVoiceActivityOptions {
  /**
   * 0 takes most for speech, 3 least.
   * @defaultValue 2
   */
  aggressiveness?: 0 | 1 | 2 | 3;
  /**
   * A window whose root mean square is below this is never speech.
   * @defaultValue -50
   */
  energyFloorDbfs?: number;
  /** @defaultValue 20 */
  windowMs?: 10 | 20 | 30;
}

const SAMPLE_RATES_HZ: readonly number[] = [8000, 16_000, 32_000, 48_000];

/**
 * The voice activity detection of WebRTC: small and quick (about 10 µs a window), knows speech from quiet and steady
 * noise, not from music or other voices. One WebAssembly instance serves all detectors of a source.
 */
export class WebRtcVoiceActivity {
  readonly name = 'webrtc';
  readonly sampleRatesHz = SAMPLE_RATES_HZ;
  private readonly aggressiveness: number;
  private readonly energyFloorDbfs: number;
  private readonly windowMs: number;
  private loading: Promise<void> | undefined;
  private fvad: FvadModule | undefined;

  /** @throws {AudioError} `invalid_setting` for a value that its option does not allow */
  constructor(options: WebRtcVoiceActivityOptions = {}) {
    const { aggressiveness = 2, energyFloorDbfs = -50, windowMs = 20 } = options;
    if (![0, 1, 2, 3].includes(aggressiveness)) {
      throw new AudioError('invalid_setting', `aggressiveness is 0 to 3, not ${aggressiveness}`);
    }
    if (![10, 20, 30].includes(windowMs)) {
      throw new AudioError('invalid_setting', `a window lasts 10, 20 or 30 ms, not ${windowMs}`);
    }
    if (Number.isNaN(energyFloorDbfs)) throw new AudioError('invalid_setting', 'the energy floor is no number');
    this.aggressiveness = aggressiveness;
    this.energyFloorDbfs = energyFloorDbfs;
    this.windowMs = windowMs;
  }

  /**
   * Loads the engine, once; after a failure the next call tries again.
   * @throws {AudioError} `voice_activity_failed`
   */
  warm(): Promise<void> {
    this.loading ??= loadFvad().then(
      (fvad) => {
        this.fvad = fvad;
      },
      (cause: unknown) => {
        this.loading = undefined;
        throw new AudioError('voice_activity_failed', 'the voice activity engine does not load', { cause });
      },
    );
    return this.loading;
  }

  /**
   * A detector for one session, to be closed when the session ends.
   * @throws {AudioError} `not_warm` before {@link warm} has finished, `invalid_setting` for a rate other than 8, 16, 32
   * or 48 kHz, `voice_activity_failed` when the engine has no room
   */
  open(options: { sampleRateHz: number }): WebRtcVoiceActivityDetector {
    const { sampleRateHz } = options;
    if (this.fvad === undefined) throw new AudioError('not_warm', 'warm() must finish before open()');
    if (!SAMPLE_RATES_HZ.includes(sampleRateHz)) {
      throw new AudioError('invalid_setting', `voice activity at ${sampleRateHz} Hz: 8, 16, 32 and 48 kHz are known`);
    }
    return new WebRtcVoiceActivityDetector(this.fvad, {
      sampleRateHz,
      windowSamples: msToSamples(this.windowMs, sampleRateHz),
      aggressiveness: this.aggressiveness,
      energyFloorDbfs: this.energyFloorDbfs,
    });
  }
}

interface DetectorSettings {
  sampleRateHz: number;
  windowSamples: number;
  aggressiveness: number;
  energyFloorDbfs: number;
}

/** Judges speech in one session's audio. Stateful; fed in order. Made by {@link WebRtcVoiceActivity.open}. */
export class WebRtcVoiceActivityDetector {
  readonly windowSamples: number;
  private readonly fvad: FvadModule;
  private readonly settings: DetectorSettings;
  private readonly window: number;
  private readonly detector: number;
  private closed = false;

  constructor(fvad: FvadModule, settings: DetectorSettings) {
    this.fvad = fvad;
    this.settings = settings;
    this.windowSamples = settings.windowSamples;
    this.detector = fvad._fvad_new();
    this.window = fvad._malloc(settings.windowSamples * 2);
    if (this.detector === 0 || this.window === 0) {
      this.close();
      throw new AudioError('voice_activity_failed', 'the voice activity engine has no room for a detector');
    }
    this.configure();
  }

  /**
   * Judges one window of exactly `windowSamples` samples.
   * @param onJudged told before this returns: 1 or 0, the engine's decision. It keeps saying 1 for 60 to 100 ms after
   * speech, to bridge the gaps within words, unless the window is below the energy floor.
   * @throws {AudioError} `wrong_window`, `closed`, `voice_activity_failed`
   */
  accept(window: Int16Array, onJudged: (probability: number) => void): void {
    this.requireOpen();
    if (window.length !== this.windowSamples) {
      throw new AudioError('wrong_window', `a window has ${this.windowSamples} samples, not ${window.length}`);
    }
    this.fvad.HEAP16.set(window, this.window >> 1);
    const decision = this.fvad._fvad_process(this.detector, this.window, window.length);
    if (decision < 0) throw new AudioError('voice_activity_failed', 'the voice activity engine refused a window');
    // quiet windows are judged all the same, because the engine learns the noise from them
    onJudged(decision === 1 && rmsDbfs(window) >= this.settings.energyFloorDbfs ? 1 : 0);
  }

  /** Frees the detector. May be called twice. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    if (this.window !== 0) this.fvad._free(this.window);
    if (this.detector !== 0) this.fvad._fvad_free(this.detector);
  }

  private configure(): void {
    const { sampleRateHz, aggressiveness } = this.settings;
    if (
      this.fvad._fvad_set_sample_rate(this.detector, sampleRateHz) < 0 ||
      this.fvad._fvad_set_mode(this.detector, aggressiveness) < 0
    ) {
      throw new AudioError('voice_activity_failed', 'the voice activity engine refused its settings');
    }
  }

  private requireOpen(): void {
    if (this.closed) throw new AudioError('closed', 'the detector is closed');
  }
}
