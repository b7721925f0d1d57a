import type { SayCommand } from '@parley/session-log';
import type { ReplyOutput } from './reply-run.js';
import { ReplyText } from './reply-text.js';

/**
 * Writes a reply that no model makes: its sentences and its end at once, so that nothing can come between.
 * @param options who may speak beside the agent itself, and which sentences cannot be interrupted
 * @param published how many of its sentences an earlier owner has written
 */
export function writeScripted(
  { reply, turn, occasion, script, endReason }: SayCommand,
  output: ReplyOutput,
  { speakers, isNotice }: { speakers: readonly string[]; isNotice: (sentence: string) => boolean },
  published = 0,
): void {
  const written = new ReplyText(speakers);
  const sentences = [...written.push(script), ...written.flush()].flatMap((stretch) => stretch.sentences);
  for (const [sentence, each] of sentences.entries()) {
    if (sentence < published) continue;
    // A session that has had its time ends with this, whoever speaks; a machine may speak on while it records.
    const isHeld = endReason === 'session_too_long' || occasion === 'voicemail' || isNotice(each.text);
    void output.emit('reply.sentence', { reply, sentence, ...each, ...(isHeld && { interruptible: false }) });
    output.text(reply, each.text, each.speaker);
  }
  void output.emit('reply.ended', {
    reply,
    turn,
    outcome: 'completed',
    sentences: sentences.length,
    text: sentences.map(({ text }) => text).join(''),
    durationMs: 0,
    ...(endReason && { hangUp: true, endReason }),
  });
}
