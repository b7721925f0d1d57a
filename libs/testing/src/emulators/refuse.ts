import type { ServerResponse } from 'node:http';
import type { Rejection } from './emulator.js';

/** Answers a request with a status and JSON, unless whoever asked has hung up. */
export function refuse(response: ServerResponse, { status, headers, body }: Rejection): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
