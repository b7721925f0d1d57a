import { EngineError, type SpeechToText, type SpeechToTextOptions, type SpeechToTextStream } from '@parley/ports';
import { engineErrorOf } from './engine-error-of.js';
import { linksToTry, type Link } from './link.js';
import { SilenceEnd } from './silence-end.js';
import { SpeechGate } from './speech-gate.js';

/** An engine's turn in a session: its stream, and what stands between the session and it. */
export interface EngineTurn {
  link: Link<SpeechToText>;
  stream: SpeechToTextStream;
  /** By the chain's clock. */
  openedAt: number;
  /** Where its first sample lies in all that was written. */
  baseSamples: number;
  /** Keeps silence from an engine that wants none. */
  gate: SpeechGate | undefined;
  /** Ends turns for an engine that cannot. */
  silenceEnd: SilenceEnd | undefined;
  hasAnswered: boolean;
}

/** How an engine's turn begins. */
export interface TurnOptions {
  options: SpeechToTextOptions;
  /** What the chain promises of its engines. */
  feed: 'continuous' | 'speech';
  now: () => number;
  /** No further engine is tried. */
  isOver(): boolean;
  /** An engine could not be opened. */
  onFailure(link: Link<SpeechToText>, error: EngineError): void;
}

/** Opens the first engine that opens. @throws {EngineError} the last one's error */
export async function beginTurn(links: readonly Link<SpeechToText>[], turn: TurnOptions): Promise<EngineTurn> {
  const { feed, now } = turn;
  const { endOfTurn, ...options } = turn.options;
  let last = new EngineError('engine_unavailable', 'no engine is left to be tried', true);
  for (const link of linksToTry(links)) {
    if (turn.isOver()) break;
    const { capabilities } = link.engine;
    const isOwnEnd = endOfTurn !== undefined && capabilities.endOfTurn;
    const isGated = feed === 'continuous' && capabilities.feed === 'speech';
    try {
      return {
        link,
        stream: await link.engine.open(isOwnEnd ? { ...options, endOfTurn } : options),
        openedAt: now(),
        baseSamples: 0,
        gate: isGated ? new SpeechGate(options.sampleRateHz) : undefined,
        silenceEnd: endOfTurn && !isOwnEnd ? new SilenceEnd(options.sampleRateHz, endOfTurn.maxSilenceMs) : undefined,
        hasAnswered: false,
      };
    } catch (error) {
      last = engineErrorOf(error);
      turn.onFailure(link, last);
    }
  }
  throw last;
}
