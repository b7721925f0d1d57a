import type { ServerResponse } from 'node:http';
import type { Fault } from './faults.js';
import { EventWriter } from './event-writer.js';
import { countTokens, type AnswerPart } from './model-answer.js';

/** The events that a provider makes of an answer; each a whole one, with the empty line that ends it. */
export interface AnswerEvents {
  readonly headers: Record<string, string>;
  /** Come before the first word. */
  begin(): string[];
  part(part: AnswerPart): string[];
  /** Come after the last word. */
  end(outputTokens: number): string[];
  /** The service fails in the middle of the answer. */
  failure(thrown: unknown): string[];
  /** An event that cannot be read. */
  readonly malformed: string;
}

/** Of how many parts the first come before the answer is broken off. */
const PARTS_BEFORE_FAULT = 2;

/** Streams an answer, or as much of it as a fault lets through. Never rejects. */
export async function streamAnswer(
  response: ServerResponse,
  parts: AsyncIterable<AnswerPart>,
  events: AnswerEvents,
  fault: Fault | undefined,
): Promise<void> {
  const writer = new EventWriter(response);
  writer.open(events.headers);
  if (fault === 'closed_early') return writer.end();
  await writer.write(...events.begin());
  if (fault === 'silent') return;
  let count = 0;
  let outputTokens = 0;
  try {
    for await (const part of parts) {
      await writer.write(...events.part(part));
      outputTokens += countTokens(part.type === 'text' ? part.text : part.type === 'call' ? part.name : part.json);
      if (fault && ++count === PARTS_BEFORE_FAULT) return await breakOff(fault, writer, events);
    }
    // The answer was shorter than that.
    if (fault) return await breakOff(fault, writer, events);
    await writer.write(...events.end(outputTokens));
  } catch (thrown) {
    await writer.write(...events.failure(thrown));
  }
  writer.end();
}

async function breakOff(fault: Fault, writer: EventWriter, { malformed }: AnswerEvents): Promise<void> {
  if (fault === 'dropped') return writer.break();
  if (fault === 'malformed') await writer.write(malformed);
  writer.end();
}

/** Parts with the first of them made already, so that a model that fails at once is answered with a status. */
export async function* resumed(
  first: IteratorResult<AnswerPart>,
  rest: AsyncIterator<AnswerPart>,
): AsyncGenerator<AnswerPart, void, undefined> {
  for (let next = first; !next.done; next = await rest.next()) yield next.value;
}
