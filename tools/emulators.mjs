// Every provider on this machine, hearing and speaking with the local engines, and what to set to use them.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

if (!existsSync(join(root, 'libs/testing/dist/emulators/index.js'))) {
  console.error('Build first: npm run build');
  process.exit(1);
}
const { createFlite } = await import('@parley/provider-flite');
const { createPocketsphinx } = await import('@parley/provider-pocketsphinx');
const { createLocalModel } = await import('@parley/provider-local-model');
const emulated = await import('@parley/testing/emulators');

const FIRST_PORT = Number(process.env.EMULATORS_PORT ?? 9100);
const ears = createPocketsphinx({});
const voice = createFlite();
const model = createLocalModel().createChatModel({});
await Promise.all([ears.warm(), voice.warm()]);

const servers = [
  ['ASSEMBLYAI_BASE_URL', emulated.startAssemblyAiEmulator, 'wsUrl', ''],
  ['DEEPGRAM_BASE_URL', emulated.startDeepgramEmulator, 'wsUrl', ''],
  ['ELEVENLABS_BASE_URL', emulated.startElevenLabsEmulator, 'url', ''],
  ['CARTESIA_BASE_URL', emulated.startCartesiaEmulator, 'url', ''],
  ['OPENAI_BASE_URL', emulated.startOpenAiEmulator, 'url', '/v1'],
  ['AZURE_OPENAI_ENDPOINT', emulated.startAzureEmulator, 'url', ''],
  ['ANTHROPIC_BASE_URL', emulated.startAnthropicEmulator, 'url', ''],
];
const lines = [];
for (const [at, [name, start, scheme, path]] of servers.entries()) {
  const server = await start({ port: FIRST_PORT + at, ears, voice, model });
  lines.push(`${name.replace(/_(BASE_URL|ENDPOINT)$/, '_API_KEY')}=emulated`, `${name}=${server[scheme]}${path}`);
}
console.log(
  [
    ...lines,
    "STT_ENGINE='assemblyai > deepgram > local'",
    "LLM_ENGINE='openai > anthropic > local'",
    "TTS_ENGINE='elevenlabs > cartesia > local'",
  ].join('\n'),
);
console.error(
  'Every provider is emulated until Ctrl-C. Put the lines above into .env, or export them, and run npm start.',
);
