import type { ServerResponse } from 'node:http';

/**
 * Writes server-sent events as networks deliver them: in two pieces that part in the middle of a character, or of an
 * event, and with comments in between.
 */
export class EventWriter {
  private events = 0;

  constructor(private readonly response: ServerResponse) {
    // Whoever hangs up is not to break the server.
    response.on('error', () => undefined);
  }

  /** Answers with success; events are to follow. */
  open(headers: Record<string, string>): void {
    this.response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', ...headers }); // prettier-ignore
    this.response.flushHeaders();
  }

  /** Writes events, each with the empty line that ends it, as one. */
  async write(...events: string[]): Promise<void> {
    if (events.length === 0) return;
    const comment = ++this.events % 3 === 0 ? ': keep-alive\n\n' : '';
    const bytes = Buffer.from(comment + events.join(''));
    const within = bytes.findIndex((byte) => (byte & 0xc0) === 0x80);
    const at = within > 0 ? within : Math.ceil(bytes.length / 2);
    for (const piece of [bytes.subarray(0, at), bytes.subarray(at)]) {
      if (this.response.destroyed) return;
      this.response.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Ends the answer cleanly. */
  end(): void {
    this.response.end();
  }

  /** Breaks the connection. */
  break(): void {
    this.response.destroy();
  }
}
