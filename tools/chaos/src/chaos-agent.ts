import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineAgent, defineTool } from '@parley/ports';
import { z } from 'zod';
import { AGENT_RULES } from './conversation-script.js';

const WORK_MS = 120;

const note = defineTool<unknown>()({
  name: 'note',
  description: 'Writes something down.',
  args: z.object({ key: z.string() }),
  async execute({ key }, { sessionId, idempotencyKey, signal }) {
    const begunAt = Date.now();
    await sleep(WORK_MS, undefined, { signal });
    const path = process.env.CHAOS_TOOL_LEDGER;
    if (path) {
      const execution = { sessionId, key, idempotencyKey, pid: process.pid, begunAt, at: Date.now() };
      // One write of one short line: two processes that append at once do not mix.
      appendFileSync(path, `${JSON.stringify(execution)}\n`);
    }
    return { result: key };
  },
});

/** Answers every turn with words of that turn alone, and records each execution of its tool in a file. */
export const chaosAgent = defineAgent({
  name: 'chaos',
  instructions: `Say back what you hear.\n<script>${JSON.stringify(AGENT_RULES)}</script>`,
  tools: [note],
  initialState: undefined as unknown,
});
