import { loadCallerWav } from './caller-wav.js';
import { holdConversation, type CommandContext, type ConversationOptions } from './hold-conversation.js';
import { latencyLine } from './latency-report.js';
import { Microphone } from './microphone.js';
import { styled } from './terminal.js';

/** Options of `parley call`. */
export interface CallOptions extends ConversationOptions {
  /** What the caller says, in order: WAV files of any rate and channel count. */
  wavs: readonly string[];
  /** Where the agent's voice goes: every reply as far as it was played, back to back, without the pauses between. */
  out?: string;
}

/**
 * Plays the part of a caller: speaks each WAV in real time, is silent in real time in between, and speaks the next one
 * when the answer to the one before has been played.
 * @throws {CliError} at the first turn without an answer, and as `loadCallerWav` and `holdConversation`
 */
export async function runCall(options: CallOptions, context: CommandContext): Promise<void> {
  const wavs = await Promise.all(options.wavs.map(loadCallerWav));
  const kind = { voice: true, echoTurns: 'wav', out: options.out } as const;
  await holdConversation(options, kind, context, async (conversation, renderer) => {
    const { client, tracker } = conversation;
    const microphone = new Microphone({ clock: context.clock, send: (frame) => void client.sendAudio(frame) });
    const stop = () => microphone.stop();
    client.on('state', ({ name }) => name === 'closed' && stop());
    context.signal.addEventListener('abort', stop);
    microphone.start();
    try {
      // Whoever is called speaks first.
      if (!options.outgoing) await conversation.greeted();
      for (const wav of wavs) {
        conversation.openTurn(wav.name);
        await microphone.speak(wav, (atMs) => conversation.callerDone(atMs));
        await conversation.turnAnswered();
        renderer.note(latencyLine(tracker.turns.at(-1)!));
      }
    } finally {
      context.signal.removeEventListener('abort', stop);
      stop();
    }
    if (microphone.skippedFrames > 0)
      renderer.note(
        styled(context.terminal, 'red', `${microphone.skippedFrames} frames were skipped: this machine stalled`),
      );
  });
}
