import type { TurnLatencies, TurnSummary } from './turn-summary.js';

const SHOWN: readonly [keyof TurnLatencies, string][] = [
  ['eouDelayMs', 'end of utterance'],
  ['firstTokenMs', 'first token'],
  ['firstAudioMs', 'first audio'],
  ['voiceToVoiceMs', 'voice to voice'],
];

/** One line with what is known of a turn's latencies; empty when nothing is. */
export function latencyLine(latencies: TurnLatencies): string {
  return SHOWN.flatMap(([key, name]) => {
    const ms = latencies[key];
    return ms === undefined ? [] : [`${name} ${Math.round(ms)} ms`];
  }).join(', ');
}

/** The conversation's last lines: turns answered, total time, and over several turns median and worst latencies. */
export function summaryLines(turns: readonly TurnSummary[], totalMs: number): string[] {
  const answered = turns.filter((turn) => turn.answered);
  const lines = [`${answered.length} of ${turns.length} turns answered in ${(totalMs / 1000).toFixed(1)} s`];
  for (const [key, name] of SHOWN) {
    const values = answered.flatMap((turn) => turn[key] ?? []).sort((a, b) => a - b);
    if (values.length === 0) continue;
    const median = Math.round(values[Math.floor((values.length - 1) / 2)]!);
    const worst = Math.round(values.at(-1)!);
    lines.push(values.length === 1 ? `${name} ${median} ms` : `${name} median ${median} ms, worst ${worst} ms`);
  }
  return lines;
}
