import { describe, expect, it } from '@jest/globals';
import type { SpeechToText, SpeechToTextStream } from '@parley/ports';
import { speakScripted } from '../engines/index.js';
import { deadline } from '../deadline.js';
import { FAULTS } from '../emulators/index.js';
import { USUAL_ERRORS, expectError, withoutLeaks, type ExpectedErrors, type FaultSubject } from './fault-cell.js';

/** How an adapter is tested. */
export interface SpeechToTextFaultOptions {
  /** A provider with its own emulator, whose adapter waits for a second at most, for whatever it waits. */
  start(): Promise<FaultSubject<SpeechToText>>;
  /** Where it is not {@link USUAL_ERRORS}. */
  expected?: Partial<ExpectedErrors>;
  sampleRateHz?: number;
  /** No cell may take longer to say what is wrong. @defaultValue 4000 */
  deadlineMs?: number;
}

const SAID = 'Two large coffees.';

/** Every fault against one speech-to-text adapter; a cell of the fault matrix each. */
export function speechToTextFaults(adapter: string, options: SpeechToTextFaultOptions): void {
  const { start, sampleRateHz = 16_000, deadlineMs = 4000 } = options;
  const expected = { ...USUAL_ERRORS, ...options.expected };
  const pcm = speakScripted(SAID, sampleRateHz);
  const request = { sessionId: 'faults', sampleRateHz, language: 'en' };

  /** The final of what was said; throws what the stream says is wrong. */
  async function recognise(engine: SpeechToText): Promise<string> {
    const stream = await engine.open(request);
    try {
      return await finalOf(stream);
    } finally {
      await stream.close();
    }
  }

  async function finalOf(stream: SpeechToTextStream): Promise<string> {
    for (let at = 0; at < pcm.length; at += sampleRateHz / 50) stream.write(pcm.subarray(at, at + sampleRateHz / 50));
    stream.flush();
    let text = '';
    for await (const event of stream.events) {
      if (event.type === 'error') throw event.error;
      if (event.type === 'final') text = event.text;
      if (event.type === 'flushed') return text;
    }
    throw new Error('the stream ended without a word');
  }

  describe(`fault matrix: ${adapter}`, () => {
    it.each(FAULTS)('%s', (fault) =>
      withoutLeaks(start, async ({ emulator, engine }) => {
        emulator.inject(fault);
        const thrown: unknown = await deadline(
          recognise(engine).then(
            () => undefined,
            (error: unknown) => error,
          ),
          deadlineMs,
          'what is wrong',
        );
        expectError(thrown, expected[fault]);
        emulator.heal();
        expect(await deadline(recognise(engine), deadlineMs, 'a final')).toMatch(/two large coffees/i);
      }),
    );
  });
}
