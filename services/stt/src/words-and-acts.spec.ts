import { describe, expect, it } from '@jest/globals';
import { ENDPOINTING } from '@parley/contracts';
import { FakeClock } from '@parley/testing';
import { createScriptedSpeechToText, speakScripted } from '@parley/testing/engines';
import fc from 'fast-check';
import { RunningSttSession, samplesOf, silence } from '../spec-support/running-stt-session.js';

/** A word, the silence after it, and what the caller does then; the word of that comes so much sooner than the voice. */
interface Step {
  pauseMs: number;
  act: 'none' | 'commit' | 'write' | 'speak';
  aheadMs: number;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    pauseMs: fc.integer({ min: 0, max: 1200 }),
    act: fc.constantFrom('none', 'none', 'commit', 'commit', 'write', 'speak'),
    aheadMs: fc.integer({ min: 0, max: 15 }).map((frames) => 20 * frames),
  }),
  { minLength: 1, maxLength: 7 },
);

const MODE_OF = { write: 'text-to-voice', speak: 'voice-to-voice' } as const;

/** All that a call says, and where each act stands in it. */
function plan(call: Step[]) {
  const parts: Int16Array[] = [];
  const acts: { atMs: number; act: Step['act']; pts: number }[] = [];
  const heard: string[] = [];
  /** Between commits. */
  const committed: string[][] = [[]];
  let [pts, speaks] = [0, true];
  call.forEach(({ pauseMs, act, aheadMs }, index) => {
    const word = `w${index}`;
    if (speaks) heard.push(word);
    if (speaks) committed.at(-1)?.push(word);
    if (act === 'commit') committed.push([]);
    parts.push(speakScripted(word, 16_000), silence(pauseMs));
    pts += samplesOf(240 + pauseMs);
    if (act === 'write' || act === 'speak') speaks = act === 'speak';
    if (act !== 'none') acts.push({ atMs: Math.max(acts.at(-1)?.atMs ?? 0, pts / 16 - aheadMs), act, pts });
  });
  return { voice: parts.flatMap((part) => [...part]), acts, heard, committed };
}

async function play(running: RunningSttSession, call: ReturnType<typeof plan>, fromMs = 0, untilMs = Infinity) {
  const voice = Int16Array.from(call.voice);
  const waiting = call.acts.filter(({ atMs }) => atMs >= fromMs);
  for (let atMs = fromMs; atMs < Math.min(untilMs, voice.length / 16); atMs += 20) {
    for (; waiting[0] && waiting[0].atMs < atMs + 20; waiting.shift()) tell(running, waiting[0]);
    running.pts = samplesOf(atMs);
    await running.send(voice.subarray(samplesOf(atMs), samplesOf(atMs + 20)));
  }
  if (untilMs !== Infinity) return;
  for (const act of waiting) tell(running, act);
  running.gatewayWrites('session.mode', { mode: 'voice-to-voice', pts: running.pts });
  await running.send(silence(3000));
  running.commit();
  await running.send(silence(1000));
}

function tell(running: RunningSttSession, { act, pts }: { act: Step['act']; pts: number }) {
  if (act === 'commit') running.commit(pts);
  else if (act !== 'none') running.gatewayWrites('session.mode', { mode: MODE_OF[act], pts });
}

const turnsOf = (running: RunningSttSession) =>
  running.bus.events(running.sessionId, 'turn.ended').map(({ text }) => text.split(' '));

/** Turns as the caller's commits make them, where nothing else ends one; elsewhere none may go beyond a commit. */
function expectTurns(running: RunningSttSession, by: string, { heard, committed }: ReturnType<typeof plan>) {
  const turns = turnsOf(running);
  expect(turns.flat()).toEqual(heard);
  if (by === 'manual') expect(turns).toEqual(committed.filter((words) => words.length > 0));
  const groupOf = (word: string) => committed.findIndex((words) => words.includes(word));
  for (const turn of turns) expect(new Set(turn.map(groupOf)).size).toBe(1);
  expect(running.rest).toEqual(running.folded);
}

describe('every word that is said aloud', () => {
  it.each(ENDPOINTING)('is in one turn, in its order, whatever the caller does when turns end by %s', async (by) => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 0, max: 600 }), async (drawn, latencyMs) => {
        const clock = new FakeClock();
        const engine = createScriptedSpeechToText({ clock, latencyMs, endOfTurn: true });
        const running = new RunningSttSession({ engine, clock, policy: { endpointing: { by } } });
        running.session.onLive();
        const call = plan(drawn);
        await play(running, call);
        expectTurns(running, by, call);
      }),
      { numRuns: 25 },
    );
  });

  it('is so too when the owner dies in between', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.constantFrom(...ENDPOINTING), fc.nat(100), async (drawn, by, frames) => {
        const clock = new FakeClock();
        const engine = createScriptedSpeechToText({ clock, latencyMs: 100, endOfTurn: true });
        const before = new RunningSttSession({ engine, clock, policy: { endpointing: { by } } });
        before.session.onLive();
        const call = plan(drawn);
        const diedMs = Math.min(20 * frames, call.voice.length / 16);
        await play(before, call, 0, diedMs);
        await before.session.close('lost');
        const after = new RunningSttSession({ engine, clock, after: before });
        await after.send(Int16Array.from(call.voice).subarray(0, samplesOf(diedMs)));
        after.session.onLive();
        await play(after, call, diedMs);
        expectTurns(after, by, call);
      }),
      { numRuns: 40 },
    );
  });
});
