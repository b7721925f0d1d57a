import { INPUT_RATE_HZ } from './input-rate.js';

/** Most voice that waits for a stream to open: half a minute. */
const MAX_SAMPLES = 30 * INPUT_RATE_HZ;

/** Voice for the engine. */
export interface EngineVoice {
  pcm: Int16Array;
  /** Where it begins, of voice that is given without a break; in samples since the session began. */
  atPts: number | undefined;
}

/** What a stream that is being opened must be told: voice, and where finals were asked for, in order. */
export class EarlyVoice {
  private said: (EngineVoice | 'flush')[] = [];
  private samples = 0;

  get isEmpty(): boolean {
    return this.said.length === 0;
  }

  /** Keeps a copy. @returns false when there is no room */
  add({ pcm, atPts }: EngineVoice): boolean {
    if (this.samples + pcm.length > MAX_SAMPLES) return false;
    this.samples += pcm.length;
    this.said.push({ pcm: pcm.slice(), atPts });
    return true;
  }

  addFlush(): void {
    this.said.push('flush');
  }

  /** Takes everything out. */
  drain(): (EngineVoice | 'flush')[] {
    this.samples = 0;
    return this.said.splice(0);
  }
}
