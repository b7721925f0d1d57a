// What the system itself costs: N callers in real time on engines that answer at once.
//   node tools/measure.mjs [--calls 20] [--turns 5]
// Prints, for the final transcript to the first voice at the client, p50/p95/p99 in ms, and each process's memory.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import { speakScripted } from '@parley/testing/engines';
import { startSystem } from './system.mjs';

const { values } = parseArgs({ options: { calls: { type: 'string', default: '20' }, turns: { type: 'string', default: '5' } } }); // prettier-ignore
const [calls, turns] = [Number(values.calls), Number(values.turns)];
const FRAME_MS = 20;
const FRAME_BYTES = 640;
const TURN_TIMEOUT_MS = 20_000;
/** Most memory seen of each process, in MiB. */
const peak = {};

const system = await startSystem({
  quiet: true,
  env: {
    STT_ENGINE: 'scripted',
    LLM_ENGINE: 'scripted',
    TTS_ENGINE: 'scripted',
    SCRIPTED_STT_LATENCY_MS: '0',
    SCRIPTED_LLM_FIRST_TOKEN_MS: '0',
    SCRIPTED_LLM_TOKEN_MS: '0',
    SCRIPTED_TTS_FIRST_AUDIO_MS: '0',
  },
});
try {
  await sleep(2000);
  const idle = memory();
  const added = (await Promise.all(Array.from({ length: calls }, (_, i) => call(i)))).flat().sort((a, b) => a - b);
  const at = (share) => added[Math.min(added.length - 1, Math.floor(added.length * share))]?.toFixed(1);
  console.log(
    `${calls} calls, ${added.length} turns, ${FRAME_MS} ms frames, all processes and callers on this machine`,
  );
  console.log(`final transcript to first voice: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms`);
  console.table(Object.fromEntries(Object.keys(idle).map((name) => [name, { 'idle MiB': idle[name], [`with calls MiB`]: peak[name] }]))); // prettier-ignore
} finally {
  await system.stop();
}

async function call(index) {
  await sleep(index * 50);
  const socket = new WebSocket(`${system.urls.gateway.replace('http', 'ws')}/ws`);
  const waits = new Map();
  const samples = [];
  let finalAt = 0;
  socket.on('message', (data, isBinary) => {
    if (isBinary) {
      if (finalAt) samples.push(performance.now() - finalAt);
      finalAt = 0;
      return;
    }
    const { type } = JSON.parse(data.toString());
    // The turn's end is what the agent waits for: the final transcript that ends it comes with it.
    if (type === 'turn_ended') finalAt = performance.now();
    waits.get(type)?.();
  });
  const once = (type) => within(new Promise((resolve) => waits.set(type, resolve)), `${type} of call ${index}`);
  await once('session_started');
  const voice = Buffer.from(speakScripted(`caller ${index} would like a sandwich`, 16_000).buffer);
  for (let turn = 0; turn < turns; turn++) {
    const done = once('playout_ended');
    const startedAt = performance.now();
    for (let n = 0; n * FRAME_BYTES < voice.length; n++) {
      socket.send(voice.subarray(n * FRAME_BYTES, (n + 1) * FRAME_BYTES));
      await sleep(Math.max(0, startedAt + (n + 1) * FRAME_MS - performance.now()));
    }
    await done;
    notePeak();
  }
  socket.close();
  return samples;
}

function within(promise, what) {
  const late = sleep(TURN_TIMEOUT_MS).then(() => Promise.reject(new Error(`no ${what} in time`)));
  late.catch(() => undefined);
  return Promise.race([promise, late]);
}

function memory() {
  return Object.fromEntries(Object.entries(system.pids()).map(([name, pid]) => [name, residentMiB(pid)]));
}

function notePeak() {
  for (const [name, mib] of Object.entries(memory())) peak[name] = Math.max(peak[name] ?? 0, mib);
}

function residentMiB(pid) {
  const [, kib] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kib ?? 0) / 1024);
}
