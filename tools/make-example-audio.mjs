// Makes the callers' voices in examples/audio with flite (apt-get install flite). The same machine makes the same bytes.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Not the agent's voice. */
const VOICE = 'rms';
const SAMPLE_RATE_HZ = 16_000;
const WINDOW_SAMPLES = SAMPLE_RATE_HZ / 100;
/** Peak below which a window is a pause in flite's output. */
const PAUSE_PEAK = 160;
const LEAD_MS = 200;
const TRAIL_MS = 300;
/** Kept of flite's own pause on either side, so that no sound is cut. */
const MARGIN_SAMPLES = SAMPLE_RATE_HZ / 50;

const TEXTS = {
  'menu.wav': 'What is on the menu?',
  'order.wav': 'I would like two turkey clubs and a soda please.',
  'add.wav': 'Please add some chips and a coffee',
  'confirm.wav': 'That is all, please confirm my order.',
};

async function speak(text) {
  const folder = await mkdtemp(join(tmpdir(), 'parley-example-'));
  try {
    const file = join(folder, 'speech.wav');
    await promisify(execFile)('flite', ['-voice', VOICE, '-t', text, '-o', file]);
    return samplesOf(await readFile(file));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Reads flite's WAV: one `fmt ` chunk, then one `data` chunk. */
function samplesOf(wav) {
  if (wav.readUInt16LE(22) !== 1 || wav.readUInt32LE(24) !== SAMPLE_RATE_HZ || wav.readUInt16LE(34) !== 16) {
    throw new Error(`flite's voice ${VOICE} did not give ${SAMPLE_RATE_HZ} Hz mono PCM16`);
  }
  const at = wav.indexOf('data') + 8;
  const samples = new Int16Array(Math.floor((wav.length - at) / 2));
  for (let i = 0; i < samples.length; i++) samples[i] = wav.readInt16LE(at + i * 2);
  return samples;
}

function withSilence(samples) {
  const windows = Math.ceil(samples.length / WINDOW_SAMPLES);
  const isLoud = (window) =>
    samples
      .subarray(window * WINDOW_SAMPLES, (window + 1) * WINDOW_SAMPLES)
      .some((sample) => Math.abs(sample) >= PAUSE_PEAK);
  const loud = Array.from({ length: windows }, (_, window) => window).filter(isLoud);
  if (loud.length === 0) throw new Error('flite gave silence');
  const from = Math.max(0, loud[0] * WINDOW_SAMPLES - MARGIN_SAMPLES);
  const voice = samples.subarray(from, (loud.at(-1) + 1) * WINDOW_SAMPLES + MARGIN_SAMPLES);
  const lead = (LEAD_MS * SAMPLE_RATE_HZ) / 1000 - MARGIN_SAMPLES;
  const trail = (TRAIL_MS * SAMPLE_RATE_HZ) / 1000 - MARGIN_SAMPLES;
  const padded = new Int16Array(lead + voice.length + trail);
  padded.set(voice, lead);
  return padded;
}

function wavOf(samples) {
  const wav = Buffer.alloc(44 + samples.length * 2);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(SAMPLE_RATE_HZ, 24);
  wav.writeUInt32LE(SAMPLE_RATE_HZ * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(samples.length * 2, 40);
  samples.forEach((sample, i) => wav.writeInt16LE(sample, 44 + i * 2));
  return wav;
}

const folder = new URL('../examples/audio/', import.meta.url);
for (const [name, text] of Object.entries(TEXTS)) {
  const samples = withSilence(await speak(text));
  await writeFile(new URL(name, folder), wavOf(samples));
  console.log(`${name}  ${Math.round(samples.length / (SAMPLE_RATE_HZ / 1000))} ms  ${text}`);
}
