import { RunningGateway } from './running-gateway.js';
import { IoTestCaller, WsTestCaller, type TestCaller } from './test-callers.js';

/** 20 ms of voice. */
export const FRAME = Buffer.alloc(640, 1);
/** A reply of one sentence in one frame. */
export const replyOf = (payload: Uint8Array) => ({
  codec: 'pcm_s16le' as const,
  sampleRateHz: 16_000,
  reply: 1,
  sentence: 0,
  pts: 0,
  lastOfSentence: true,
  lastOfReply: true,
  payload,
});
/** The gateway under test, between {@link startGateway} and {@link stopGateway}. */
export let gateway: RunningGateway;
const callers: TestCaller[] = [];

/** Starts the gateway as it is without settings. */
export async function startGateway(): Promise<void> {
  gateway = await RunningGateway.start();
}

/** Starts another gateway in its place. */
export async function restart(...settings: Parameters<typeof RunningGateway.start>): Promise<void> {
  await gateway.stop();
  gateway = await RunningGateway.start(...settings);
}

/** Lets the callers leave, and stops the gateway. */
export async function stopGateway(): Promise<void> {
  for (const caller of callers.splice(0)) caller.leave();
  await gateway.stop();
}

/** A caller that leaves when the gateway is stopped. */
export function kept<T extends TestCaller>(caller: T): T {
  callers.push(caller);
  return caller;
}

/** A caller at `/ws`. */
export const ws = async (query = '') => kept(await WsTestCaller.connect(gateway.port, query));
/** A caller at socket.io, with a session. */
export const socketIo = async (request: object = {}) => kept(await IoTestCaller.start(gateway.port, request));

/** Each door's name, and how a caller opens a session there. */
export const DOORS: [string, (query: Record<string, string>) => Promise<TestCaller>][] = [
  ['/ws', (query) => ws(`?${new URLSearchParams(query)}`)],
  ['socket.io', (query) => socketIo(query)],
];
