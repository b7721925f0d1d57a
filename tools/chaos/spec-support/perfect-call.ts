import type { EventType, ParleyEvent, Payload, Stage } from '@parley/contracts';
import { speakScripted } from '@parley/testing/engines';
import type { CallRecord, FinishedCall } from '../src/call-record.js';
import { replyTo } from '../src/conversation-script.js';
import type { ToolExecution } from '../src/tool-ledger.js';

/** When the perfect call begins, in ms since 1970. */
export const BEGIN_MS = 1_000_000;
/** From the last word of a turn to the first voice of its reply. */
export const ANSWER_MS = 800;
const RATE_HZ = 16_000;
const FRAME = 960;

/** A call of two turns, the second with a note, at which nothing went wrong. Change it to see a check fail. */
export function perfectCall(): FinishedCall & { record: CallRecord; log: ParleyEvent[]; executions: ToolExecution[] } {
  const sessionId = 's1';
  const log: ParleyEvent[] = [];
  const seqs = new Map<string, number>();
  let atMs = BEGIN_MS;
  const add = <T extends EventType>(stage: Stage, type: T, payload: Payload<T>) => {
    const seq = (seqs.get(stage) ?? 0) + 1;
    seqs.set(stage, seq);
    const event = { id: `${type}.${stage}.1.${seq}`, type, sessionId, seq, epoch: 1, stage, at: atMs, ...payload };
    log.push(event as unknown as ParleyEvent);
    return event.id;
  };
  const turns: CallRecord['turns'] = [
    { turn: 1, words: 'call c3 turn t1 word wabc', pauseMs: 0, saidFromMs: 0, saidToMs: 0 },
    { turn: 2, words: 'note k3x2 for call c3 turn t2 word wdef', note: 'k3x2', pauseMs: 0, saidFromMs: 0, saidToMs: 0 },
  ];
  const record: CallRecord = {
    call: 3,
    sessionId,
    openedMs: BEGIN_MS,
    endedMs: Infinity,
    turns,
    phases: [{ fromMs: BEGIN_MS, phase: 'opening' }],
    gateways: [{ fromMs: BEGIN_MS, instance: 'gateway' }],
    told: [],
    pieces: [],
    gaps: [],
    droppedFrames: 0,
  };
  const tell = (event: CallRecord['told'][number]['event']) => record.told.push({ atMs, event });
  const executions: ToolExecution[] = [];
  add('gateway', 'session.opened', {
    agent: 'chaos',
    mode: 'voice-to-voice',
    language: 'en',
    inputSampleRateHz: RATE_HZ,
    outputSampleRateHz: RATE_HZ,
    outputFrameMs: 60,
    door: 'socket.io',
  });
  for (const stage of ['stt', 'agent', 'tts'] as const) {
    add(stage, 'stage.claimed', { replica: `${stage}-one`, deliveries: 1 });
  }
  for (const turn of turns) {
    const reply = turn.turn;
    turn.saidFromMs = atMs += 500;
    record.phases.push({ fromMs: atMs, phase: 'speaking' });
    turn.saidToMs = atMs += 1500;
    record.phases.push({ fromMs: atMs, phase: 'waiting' });
    add('stt', 'transcript.final', {
      utterance: reply,
      text: turn.words,
      endPts: 1,
      audioMs: 1,
      engine: 'scripted',
      transcriptionMs: 1,
    });
    const answered = add('stt', 'turn.ended', { turn: reply, text: turn.words, eouDelayMs: 700, endPts: 1 });
    add('agent', 'reply.started', { reply, turn: reply, userText: turn.words, answers: [answered] });
    if (turn.note) {
      const call = { reply, callId: 'call_1', tool: 'note' };
      add('agent', 'tool.called', { ...call, args: { key: turn.note } });
      executions.push({ sessionId, key: turn.note, idempotencyKey: 's1:2:1', pid: 1, begunAt: atMs, at: atMs + 100 });
      atMs += 120;
      add('agent', 'tool.returned', { ...call, ok: true, result: turn.note, durationMs: 120 });
    }
    const text = replyTo(turn.words);
    const sentences = text.split(/(?<=\. )/u);
    sentences.forEach((sentence, index) =>
      add('agent', 'reply.sentence', { reply, sentence: index, text: sentence, spoken: sentence.trim() }),
    );
    add('agent', 'reply.ended', {
      reply,
      turn: reply,
      outcome: 'completed',
      sentences: sentences.length,
      text,
      durationMs: 1,
    });
    atMs = turn.saidToMs + ANSWER_MS;
    record.phases.push({ fromMs: atMs, phase: 'hearing' });
    sentences.forEach((sentence, index) => {
      const voice = speakScripted(sentence.trim(), RATE_HZ);
      for (let pts = 0; pts < voice.length; pts += FRAME) {
        const pcm = voice.subarray(pts, pts + FRAME);
        record.pieces.push({ reply, sentence: index, pts, pcm, fromMs: atMs });
        atMs += (pcm.length / RATE_HZ) * 1000;
      }
    });
    const last = { reply, outcome: 'completed' as const };
    add('gateway', 'playout.ended', { ...last, sentence: 2, playedMs: 1, totalMs: 1 });
    tell({ type: 'stt_output', transcript: turn.words, utterance: reply });
    tell({ type: 'turn_ended', turn: reply, transcript: turn.words, eouDelayMs: 700 });
    tell({ type: 'reply_started', reply, turn: reply });
    tell({ type: 'agent_end', turn: reply, text, ...last });
    tell({ type: 'playout_ended', ...last });
    record.phases.push({ fromMs: atMs, phase: 'pausing' });
  }
  add('gateway', 'session.closed', { reason: 'caller_ended' });
  record.endedMs = atMs + 100;
  return { record, log, executions };
}

/** The first event of a type, to be changed. */
export function eventIn<T extends EventType>(log: ParleyEvent[], type: T): Record<string, unknown> {
  const found = log.find((event) => event.type === type);
  if (!found) throw new Error(`no ${type} in the log`);
  return found as unknown as Record<string, unknown>;
}
