import { createServer } from 'node:net';
import { ToolError } from './tool-error.mjs';

/** Which variable sets which instance's port, and the port without it. */
export const portVariables = {
  nats: { variable: 'NATS_PORT', defaultPort: 4222 },
  gateway: { variable: 'GATEWAY_PORT', defaultPort: 8080 },
  stt: { variable: 'STT_PORT', defaultPort: 8081 },
  agent: { variable: 'AGENT_PORT', defaultPort: 8082 },
  tts: { variable: 'TTS_PORT', defaultPort: 8083 },
};

/**
 * The configured ports by instance.
 *
 * @throws {ToolError} PORT_INVALID, naming every bad variable
 */
export function portsFromEnv(env) {
  const ports = {};
  const bad = [];
  for (const [name, { variable, defaultPort }] of Object.entries(portVariables)) {
    const port = env[variable] ? Number(env[variable]) : defaultPort;
    if (!Number.isInteger(port) || port < 1 || port > 65_535) bad.push(`${variable}="${env[variable]}"`);
    ports[name] = port;
  }
  if (bad.length > 0) throw new ToolError('PORT_INVALID', `Not a port between 1 and 65535: ${bad.join(', ')}.`);
  return ports;
}

/**
 * That nothing listens on the ports yet, and no two are the same.
 *
 * @throws {ToolError} PORT_IN_USE, naming the port and what to set
 */
export async function checkPortsAreFree(ports) {
  const taken = new Map();
  for (const [name, port] of Object.entries(ports)) {
    const variable = portVariables[name]?.variable ?? `the port of ${name}`;
    const other = taken.get(port);
    if (other !== undefined) {
      throw new ToolError('PORT_IN_USE', `${other} and ${variable} are both ${port}: set one of them to another port.`);
    }
    taken.set(port, variable);
    if (!(await isFree(port))) {
      const orBroker = name === 'nats' ? ', or NATS_URL to the broker to use' : '';
      throw new ToolError('PORT_IN_USE', `Port ${port} is in use: set ${variable} to a free port${orBroker}.`);
    }
  }
}

/** As many different ports as asked for, free at this moment. */
export async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(0)));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map(close));
  return ports;
}

async function isFree(port) {
  try {
    await close(await listen(port));
    return true;
  } catch (error) {
    if (error.code === 'EADDRINUSE') return false;
    throw error;
  }
}

function listen(port) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, () => resolve(server));
  });
}

function close(server) {
  return new Promise((resolve) => server.close(resolve));
}
