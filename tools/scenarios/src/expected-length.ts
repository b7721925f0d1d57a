import type { Scenario } from './scenario.js';
import type { Step } from './step.js';

/** What a word takes to be said. */
const WORD_MS = 250;
/** End of a turn, and the first sound of a reply. */
const ANSWER_MS = 1500;

/** About how long a scenario takes, so that the long ones can begin first. */
export function expectedMs({ steps, tools }: Pick<Scenario, 'steps' | 'tools'>): number {
  const toolsMs = Object.values(tools).map(({ takes_ms: takesMs }) => takesMs);
  return steps.reduce((sum, step) => sum + stepMs(step), Math.max(0, ...toolsMs));
}

function stepMs(step: Step): number {
  switch (step.does) {
    case 'say':
      return wordsIn(step.words) * (WORD_MS + (step.wordGapMs ?? 0));
    case 'play':
      return 10 * WORD_MS;
    case 'noise':
    case 'pause':
    case 'wait':
      return step.ms;
    case 'when':
      return ANSWER_MS + step.afterMs;
    case 'expect':
      return step.absent ? (step.withinMs ?? 0) : 0;
    case 'expect_heard':
      return ANSWER_MS + wordsIn(step.text) * WORD_MS;
    default:
      return 0;
  }
}

function wordsIn(text: string): number {
  return text.split(/\s+/u).length;
}
