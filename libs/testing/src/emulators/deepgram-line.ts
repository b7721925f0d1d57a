import type { WebSocket } from 'ws';
import type { Fault } from './faults.js';

/** The provider's side of a conversation, which a fault breaks off at the first result. */
export class DeepgramLine {
  private isBroken = false;
  private hasBegun = false;

  constructor(
    private readonly socket: WebSocket,
    private readonly fault: Fault | undefined,
  ) {}

  /** Says something that is no result. */
  tell(message: Record<string, unknown>): void {
    if (this.isBroken || (this.fault === 'silent' && this.hasBegun)) return;
    this.hasBegun = true;
    this.socket.send(JSON.stringify(message));
  }

  /** Says a result, or what comes of it. */
  say(message: Record<string, unknown>): void {
    if (this.isBroken) return;
    this.isBroken = this.fault !== undefined;
    const text = JSON.stringify(message);
    switch (this.fault) {
      case undefined:
        this.socket.send(text);
        return;
      case 'silent':
        return;
      case 'closed_early':
        return this.socket.close(1011, 'NET-0000: did not provide a response message within the timeout window');
      case 'server_error':
        this.socket.send(JSON.stringify({ type: 'Error', sequence_id: 1, code: 'INTERNAL_SERVER_ERROR', description: 'Something broke.' })); // prettier-ignore
        return this.socket.close(1011);
      case 'malformed':
        return this.socket.send(text.slice(0, text.length / 2));
      case 'dropped':
        return this.socket.send(text, () => this.socket.terminate());
      default:
        this.socket.send(text);
        return this.socket.close(1000);
    }
  }

  /** Hangs up, unless a fault does. */
  close(code: number, reason = ''): void {
    if (this.fault === undefined) this.socket.close(code, reason);
  }
}
