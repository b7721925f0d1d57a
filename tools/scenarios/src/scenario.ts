import { DIRECTIONS, MODES } from '@parley/contracts';
import { HANG_UP_TOOL, SEND_DIGITS_TOOL } from '@parley/ports';
import { z } from 'zod';
import { agentSettingsSchema, answerSchema, toolNameSchema, toolSchema } from './agent-settings.js';
import { stepSchema, type Step } from './step.js';

const ms = z.number().int().nonnegative();

const callerSchema = z.strictObject({
  /** Length of the frames of the caller's voice. */
  frame_ms: z.number().int().min(10).max(200).default(20),
  /** The caller holds its speaker when it is told to pause. */
  pausable: z.boolean().default(false),
  /** The caller's microphone hears its speaker: so loud, and so much later. */
  echo: z.strictObject({ level: z.number().min(0).max(1), delay_ms: ms.default(60) }).optional(),
});

/** A scenario as its file has it. */
export const scenarioSchema = z
  .strictObject({
    /** What happens, in a sentence. */
    name: z.string().min(1),
    /** Why it has to be so. */
    about: z.string().optional(),
    /** A feature that is not there yet: until it is, the scenario is skipped. */
    needs: z.string().min(1).optional(),
    engines: z.enum(['scripted', 'real']).default('scripted'),
    mode: z.enum(MODES).default('voice-to-voice'),
    /** Who has called: in an outgoing call the caller of the steps is the one who is called. */
    direction: z.enum(DIRECTIONS).default('incoming'),
    /** How the caller comes: with the client library over socket.io, or on a raw WebSocket. */
    door: z.enum(['client', 'ws']).default('client'),
    caller: callerSchema.prefault({}),
    agent: agentSettingsSchema.prefault({}),
    answers: z.array(answerSchema).default([]),
    tools: z.record(toolNameSchema, toolSchema).default({}),
    steps: z.array(stepSchema).min(1),
  })
  .superRefine((scenario, context) => {
    const say = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    const isReal = scenario.engines === 'real';
    if (isReal && !scenario.agent.like)
      say(['agent'], 'with real engines the agent has to be like one of the examples');
    if (!isReal && scenario.agent.like) say(['agent', 'like'], 'takes real engines');
    if (scenario.agent.like && scenario.answers.length > 0) say(['answers'], 'an agent like another has its own');
    const { hangUp, sendDigits } = scenario.agent;
    const builtIn = [...(hangUp ? [HANG_UP_TOOL] : []), ...(sendDigits ? [SEND_DIGITS_TOOL] : [])];
    scenario.answers.forEach(({ calls = [] }, index) => {
      const unknown = calls.find(({ tool }) => !(tool in scenario.tools) && !builtIn.includes(tool));
      if (unknown) say(['answers', index, 'calls'], `there is no tool "${unknown.tool}" in tools`);
    });
    scenario.steps.forEach((step, index) => {
      const problem = problemOf(step, scenario);
      if (problem) say(['steps', index], problem);
    });
  });

/** What somebody says and what is to come of it. */
export type Scenario = z.output<typeof scenarioSchema> & {
  /** Its file without folder and ending, with what is between them: `interruption/while-thinking`. */
  id: string;
  /** Line of each step in the file. */
  lines: readonly number[];
};

function problemOf(step: Step, { engines, door }: { engines: string; door: string }): string | undefined {
  const isReal = engines === 'real';
  if (step.does === 'play' && !isReal) return 'a recording takes real engines';
  if (step.does === 'say' && step.wordGapMs !== undefined && isReal) return 'word_gap_ms takes scripted engines';
  if (step.does === 'when' && step.moment.at === 'sentence' && door !== 'client') {
    return 'a raw WebSocket does not tell sentences: use playout_started';
  }
  return undefined;
}
