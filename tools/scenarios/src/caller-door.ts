import type { CallerMessage, EdgeAudioInfo, Direction, EdgeEvent, Mode } from '@parley/contracts';

/** What a caller asks for when it comes. */
export interface DoorRequest {
  gatewayUrl: string;
  agent: string;
  mode: Mode;
  direction: Direction;
  frameMs: number;
  pausable: boolean;
}

/** What a caller is told at its door. */
export interface DoorListener {
  event(event: EdgeEvent): void;
  /** @param info where the voice belongs; absent on a door that does not say */
  audio(pcm: Int16Array, info: EdgeAudioInfo | undefined): void;
  /** The connection is closed, and why. */
  closed(reason: string): void;
}

/** A caller's way into a session. */
export interface CallerDoor {
  readonly sessionId: string;
  /** @returns false for a frame that was dropped */
  audio(frame: Int16Array): boolean;
  /** Resolves when the gateway has it, where the door says so. */
  send(message: CallerMessage): Promise<void>;
  /** Hangs up, unless the session is over; resolves when the connection is closed. */
  leave(): Promise<void>;
}

/** Opens a session. */
export type OpenDoor = (request: DoorRequest, listener: DoorListener) => Promise<CallerDoor>;
