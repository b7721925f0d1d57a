import type { EdgeAudioInfo, EdgeEvent } from '@parley/contracts';

/** Which way a caller came in. */
export type Door = 'ws' | 'socket.io';

/** A caller's connection as the core sees it, whichever door it came through. Nothing throws; after the end all is ignored. */
export interface Caller {
  readonly door: Door;
  /** Sends an event, after everything sent before. */
  sendEvent(event: EdgeEvent): void;
  /** Sends voice, `pcm_s16le` mono. The view is not changed and may be sent later. */
  sendAudio(info: EdgeAudioInfo, pcm: Uint8Array): void;
  /** Bytes sent that the caller's machine has not taken yet. */
  readonly bufferedBytes: number;
  /** Closes the connection after what was sent; a caller who does not read is cut off after a short while. */
  close(reason: string): void;
}
