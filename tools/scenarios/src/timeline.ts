import type { EdgeEvent, ParleyEvent } from '@parley/contracts';
import type { Caller } from './caller.js';
import type { SessionWatch } from './session-watch.js';

/** Something that happened in a session. */
export interface TimelineEntry {
  atMs: number;
  who: 'caller' | 'gateway' | 'log' | 'speaker';
  what: string;
}

/** Told so often that nobody would find the rest. */
const OFTEN: ReadonlySet<string> = new Set(['agent_chunk', 'playout.progress']);
/** The caller was told of these, or they are about the stages. */
const TOLD_BY_GATEWAY = /^(speech|transcript|turn|playout|stage)\./u;
const ENVELOPE: ReadonlySet<string> = new Set([
  'id',
  'type',
  'sessionId',
  'seq',
  'epoch',
  'stage',
  'at',
  'resumeToken',
  'resumeWindowMs',
]);

/** Everything that happened, by time, as lines for somebody who looks for what went wrong. */
export function timelineOf(
  said: readonly TimelineEntry[],
  caller: Caller | undefined,
  watch: SessionWatch | undefined,
): string[] {
  const told = caller?.told ?? [];
  const logged = watch?.events ?? [];
  const entries = [
    ...said,
    ...told.map(({ atMs, event }) => ({ atMs, who: 'gateway' as const, what: describeEvent(event) })),
    ...logged
      .filter(
        ({ event }) =>
          !TOLD_BY_GATEWAY.test(event.type) || event.type === 'playout.paused' || event.type === 'playout.resumed',
      ) // prettier-ignore
      .map(({ atMs, event }) => ({ atMs, who: 'log' as const, what: describeEvent(event) })),
    ...sentencesHeard(caller),
  ];
  const startMs = Math.min(...entries.map(({ atMs }) => atMs));
  return entries
    .filter(({ what }) => !OFTEN.has(what.split(' ', 1)[0] as string))
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ atMs, who, what }) => `${((atMs - startMs) / 1000).toFixed(2).padStart(6)}  ${who.padEnd(7)} ${what}`);
}

/** An event in one line: its type, and what it says. */
export function describeEvent(event: EdgeEvent | ParleyEvent): string {
  const fields = Object.entries(event).filter(([name]) => !ENVELOPE.has(name));
  const said = fields.map(([name, value]) => `${name}=${shorten(JSON.stringify(value))}`);
  return [event.type, ...said].join(' ');
}

const LONGEST = 160;

function shorten(json: string | undefined): string {
  const text = json ?? '';
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function sentencesHeard(caller: Caller | undefined): TimelineEntry[] {
  if (!caller) return [];
  let last = '';
  const begun = caller.speaker.pieces.flatMap(({ reply, sentence, fromMs }): TimelineEntry[] => {
    const name = `reply ${reply} sentence ${sentence + 1}`;
    if (name === last) return [];
    last = name;
    return [{ atMs: fromMs, who: 'speaker', what: `plays ${name}` }];
  });
  const stopped = caller.stops.map(({ atMs, why }): TimelineEntry => ({
    atMs,
    who: 'speaker',
    what: `silent: ${why}`,
  }));
  const resumed = caller.resumes.map(({ atMs }): TimelineEntry => ({ atMs, who: 'speaker', what: 'goes on' }));
  return [...begun, ...stopped, ...resumed];
}
