import { describe, expect, it } from '@jest/globals';
import { HumanMessage } from '@langchain/core/messages';
import type { LanguageModel } from '@parley/ports';
import { deadline } from '../deadline.js';
import { FAULTS } from '../emulators/index.js';
import {
  USUAL_ERRORS,
  expectError,
  thrownBy,
  withoutLeaks,
  type ExpectedErrors,
  type FaultSubject,
} from './fault-cell.js';

/** How an adapter is tested. */
export interface LanguageModelFaultOptions {
  /** A provider with its own emulator, whose adapter waits for a second at most, for whatever it waits. */
  start(): Promise<FaultSubject<LanguageModel & { close(): Promise<void> }>>;
  /** Where it is not {@link USUAL_ERRORS}. */
  expected?: Partial<ExpectedErrors>;
  /** No cell may take longer to say what is wrong. @defaultValue 4000 */
  deadlineMs?: number;
}

/** Every fault against one language model's adapter; a cell of the fault matrix each. */
export function languageModelFaults(adapter: string, options: LanguageModelFaultOptions): void {
  const { start, deadlineMs = 4000 } = options;
  const expected = { ...USUAL_ERRORS, ...options.expected };

  async function ask(model: LanguageModel): Promise<string> {
    let text = '';
    const messages = [new HumanMessage('Say something of five words at least.')];
    for await (const chunk of await model.createChatModel({}).stream(messages)) {
      text += typeof chunk.content === 'string' ? chunk.content : chunk.text;
    }
    return text;
  }

  describe(`fault matrix: ${adapter}`, () => {
    it.each(FAULTS)('%s', (fault) =>
      withoutLeaks(start, async ({ emulator, engine }) => {
        emulator.inject(fault);
        expectError(await thrownBy(ask(engine), deadlineMs, 'what is wrong'), expected[fault]);
        emulator.heal();
        expect(await deadline(ask(engine), deadlineMs, 'an answer')).not.toBe('');
      }),
    );
  });
}
