import { writeFile } from 'node:fs/promises';
import { encodeWav } from '@parley/audio';
import { ParleyClientError, type ConnectOptions, type ParleyClient } from '@parley/client';
import { AgentVoice } from './agent-voice.js';
import { CliError, EXIT } from './cli-error.js';
import { gatewayUrls } from './cli.config.js';
import type { Clock } from './clock.js';
import { ConversationRenderer } from './conversation-renderer.js';
import { Conversation, type ConversationParts } from './conversation.js';
import { EventLog } from './event-log.js';
import { summaryLines } from './latency-report.js';
import type { Terminal } from './terminal.js';
import { TurnTracker } from './turn-tracker.js';

/** What a command runs in. */
export interface CommandContext {
  connect(options: ConnectOptions): Promise<ParleyClient>;
  clock: Clock;
  terminal: Terminal;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  /** Aborts `signal`, for a command that takes Ctrl-C from the terminal itself. */
  interrupt(): void;
}

/** Options that every conversation has. */
export interface ConversationOptions {
  /** The gateway, or several with commas between. */
  url: string;
  agent?: string;
  language?: string;
  /** The agent has called: the one who speaks here speaks first. */
  outgoing?: boolean;
  /** File for everything that happens, one JSON object a line. */
  json?: string;
  /** How long nothing may come nearer to a turn's answer. */
  turnTimeoutMs: number;
  /** Show nothing but the summary. */
  quiet: boolean;
}

/** What differs between a call and a chat. */
export interface ConversationKind {
  voice: boolean;
  echoTurns: 'wav' | 'text' | 'none';
  /** WAV file for the agent's voice. */
  out?: string;
}

/** What a command does in its conversation. */
export type ConversationBody = (conversation: Conversation, renderer: ConversationRenderer) => Promise<void>;

const MAX_RECORDING_S = 1800;

/**
 * Opens a session, runs `body` in it, hangs up, writes the files and shows the summary; the latter three also when
 * `body` failed.
 * @throws {CliError} of `body`, `cannot_connect` and others when no session could be opened, `file_unwritable`
 */
export async function holdConversation(
  options: ConversationOptions,
  kind: ConversationKind,
  context: CommandContext,
  body: ConversationBody,
): Promise<void> {
  const { clock, terminal } = context;
  const startedAtMs = clock.nowMs();
  if (kind.out) await writeRecording(kind.out, 16_000, new Int16Array(0));
  const log = options.json ? new EventLog(options.json, startedAtMs) : undefined;
  const tracker = new TurnTracker({ voice: kind.voice });
  const shown = options.quiet ? { ...terminal, write: () => {} } : terminal;
  const renderer = new ConversationRenderer(shown, kind);
  const errors: unknown[] = [];
  const keep = (error: unknown) => void errors.push(error);

  const client = await openSession(options, kind, context).catch(keep);
  if (client) {
    const { sampleRateHz } = client.session;
    const voice = new AgentVoice(sampleRateHz, kind.out ? sampleRateHz * MAX_RECORDING_S : 0);
    const observe: ConversationParts['observe'] = (item) => {
      log?.add(item);
      renderer.show(item);
    };
    const { signal } = context;
    const { turnTimeoutMs } = options;
    const conversation = new Conversation({ client, clock, tracker, voice, observe, signal, turnTimeoutMs });
    await body(conversation, renderer).catch(keep);
    await client.end();
    renderer.break();
    if (kind.out) await writeRecording(kind.out, sampleRateHz, voice.recording()).catch(keep);
    for (const line of summaryLines(tracker.turns, clock.nowMs() - startedAtMs)) terminal.write(`${line}\n`);
    for (const line of lossLines(client, kind.out ? voice.droppedSamples / sampleRateHz : 0))
      terminal.write(`${line}\n`);
  }
  try {
    log?.close(clock.nowMs(), { turns: tracker.turns, error: errorCode(errors[0]), ...client?.counters });
  } catch (error) {
    keep(error);
  }
  if (errors.length > 0) throw errors[0];
}

async function openSession(
  { url, agent, language, outgoing }: ConversationOptions,
  { voice }: ConversationKind,
  context: CommandContext,
): Promise<ParleyClient> {
  const mode = voice ? 'voice-to-voice' : 'text-to-text';
  try {
    return await context.connect({
      url: gatewayUrls(url) ?? [url],
      agent,
      language,
      mode,
      ...(outgoing && { direction: 'outgoing' }),
    });
  } catch (error) {
    if (!(error instanceof ParleyClientError)) throw error;
    throw new CliError(error.code, `no session with ${url}: ${error.message}`, EXIT.cannotConnect, { cause: error });
  }
}

async function writeRecording(path: string, sampleRateHz: number, samples: Int16Array): Promise<void> {
  await writeFile(path, encodeWav({ sampleRateHz, samples })).catch((cause: NodeJS.ErrnoException) => {
    throw new CliError('file_unwritable', `${path} cannot be written (${cause.code})`, EXIT.usage, { cause });
  });
}

function lossLines(client: ParleyClient, unrecordedS: number): string[] {
  const { droppedFrames, lostVoiceSamples, malformedMessages } = client.counters;
  return [
    ...(droppedFrames > 0
      ? [`${droppedFrames} of the caller's frames were dropped: the network did not take them`]
      : []),
    ...(lostVoiceSamples > 0
      ? [
          `${Math.round(lostVoiceSamples / 16)} ms of the caller's voice were lost: the connection was away for too long`,
        ]
      : []),
    ...(malformedMessages > 0 ? [`${malformedMessages} messages of the gateway were not understood`] : []),
    ...(unrecordedS > 0 ? [`${Math.round(unrecordedS)} s of the agent's voice did not fit the recording`] : []),
  ];
}

function errorCode(error: unknown): string | undefined {
  if (error === undefined) return undefined;
  return error instanceof CliError ? error.code : 'internal';
}
