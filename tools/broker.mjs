import { connect } from 'node:net';
import { ToolError } from './tool-error.mjs';

/**
 * Whether a broker with JetStream answers at this address, by the line every NATS server greets with.
 *
 * @param {string} url such as `nats://127.0.0.1:4222`; of a list, the first
 * @throws {ToolError} BROKER_WITHOUT_JETSTREAM
 */
export async function brokerAnswers(url) {
  const { hostname, port } = addressOf(url);
  const greeting = await firstLine(hostname, port);
  if (!greeting?.startsWith('INFO ')) return false;
  if (JSON.parse(greeting.slice('INFO '.length)).jetstream === true) return true;
  throw new ToolError('BROKER_WITHOUT_JETSTREAM', `The broker at ${hostname}:${port} runs without JetStream.`);
}

/**
 * That the broker somebody else runs can be used.
 *
 * @throws {ToolError} BROKER_UNREACHABLE, BROKER_WITHOUT_JETSTREAM
 */
export async function checkBroker(url) {
  if (await brokerAnswers(url)) return;
  const { hostname, port } = addressOf(url);
  throw new ToolError('BROKER_UNREACHABLE', `No NATS broker answers at ${hostname}:${port}, which NATS_URL names.`);
}

function addressOf(url) {
  const first = url.split(',')[0].trim();
  const { hostname, port } = new URL(first.includes('://') ? first : `nats://${first}`);
  return { hostname, port: Number(port || 4222) };
}

function firstLine(host, port) {
  return new Promise((resolve) => {
    let received = '';
    const socket = connect({ host, port });
    const end = (line) => {
      socket.destroy();
      resolve(line);
    };
    socket.setTimeout(2000, () => end(undefined));
    socket.on('error', () => end(undefined)); // refused or lost: nobody answers
    socket.on('close', () => end(undefined));
    socket.on('data', (bytes) => {
      received += bytes.toString();
      if (received.includes('\n')) end(received.slice(0, received.indexOf('\n')));
    });
  });
}
