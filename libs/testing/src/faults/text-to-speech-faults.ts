import { describe, expect, it } from '@jest/globals';
import type { TextToSpeech } from '@parley/ports';
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
export interface TextToSpeechFaultOptions {
  /** A provider with its own emulator, whose adapter waits for a second at most, for whatever it waits. */
  start(): Promise<FaultSubject<TextToSpeech>>;
  /** Where it is not {@link USUAL_ERRORS}. */
  expected?: Partial<ExpectedErrors>;
  /** No cell may take longer to say what is wrong. @defaultValue 4000 */
  deadlineMs?: number;
}

const TEXT = 'I would like two turkey clubs and a soda please.';

/** Every fault against one text-to-speech adapter; a cell of the fault matrix each. */
export function textToSpeechFaults(adapter: string, options: TextToSpeechFaultOptions): void {
  const { start, deadlineMs = 4000 } = options;
  const expected = { ...USUAL_ERRORS, ...options.expected };

  async function speak(engine: TextToSpeech): Promise<number> {
    const [sampleRateHz = 16_000] = engine.capabilities.sampleRatesHz;
    let samples = 0;
    for await (const { pcm } of engine.synthesize({ sessionId: 'faults', text: TEXT, language: 'en', sampleRateHz })) {
      samples += pcm.length;
    }
    return samples / sampleRateHz;
  }

  describe(`fault matrix: ${adapter}`, () => {
    it.each(FAULTS)('%s', (fault) =>
      withoutLeaks(start, async ({ emulator, engine }) => {
        emulator.inject(fault);
        expectError(await thrownBy(speak(engine), deadlineMs, 'what is wrong'), expected[fault]);
        emulator.heal();
        expect(await deadline(speak(engine), deadlineMs, 'speech')).toBeGreaterThan(1);
      }),
    );
  });
}
