import type { SessionBus } from '@parley/bus';
import { checkVoiceOrder } from '@parley/chaos/caller';
import type { OpenDoor } from './caller-door.js';
import { Caller } from './caller.js';
import { openClientDoor } from './client-door.js';
import type { Scenario } from './scenario.js';
import { agentNameOf } from './scenario-agent.js';
import { SessionWatch } from './session-watch.js';
import { Story } from './story.js';
import { describeEvent, timelineOf, type TimelineEntry } from './timeline.js';
import type { Voices } from './voices.js';
import { openWsDoor } from './ws-door.js';

/** What a scenario is held on. */
export interface Stage {
  gatewayUrl: string;
  agentUrl: string;
  bus: SessionBus;
  voices: Voices;
}

/** What came of a scenario. */
export interface ScenarioResult {
  scenario: Scenario;
  durationMs: number;
  sessionId: string;
  /** Absent when it went as it should. */
  failure?: ScenarioFailure;
}

/** Where a scenario went wrong, and what had happened until then. */
export interface ScenarioFailure {
  /** Index of the step; absent when it is none that failed. */
  step?: number;
  reason: string;
  timeline: readonly string[];
}

const DOORS: Record<Scenario['door'], OpenDoor> = { client: openClientDoor, ws: openWsDoor };
const PATIENCE_MS: Record<Scenario['engines'], number> = { scripted: 5000, real: 15_000 };
/** Processes of a busy machine may take a session late; nobody needs to expect that. */
const EXCUSED: ReadonlySet<string> = new Set(['stage_unavailable']);

/** Holds one session and takes the scenario's steps in it. Never rejects. */
export async function runScenario(scenario: Scenario, stage: Stage): Promise<ScenarioResult> {
  const startedMs = performance.now();
  const said: TimelineEntry[] = [];
  let caller: Caller | undefined;
  let watch: SessionWatch | undefined;
  let failed: Omit<ScenarioFailure, 'timeline'> | undefined;
  try {
    caller = await connect(scenario, stage);
    watch = await SessionWatch.open(stage.bus, caller.sessionId, now);
    failed = await tell(scenario, stage, { caller, watch, said });
  } catch (error) {
    failed = { reason: (error as Error).stack ?? String(error) };
  }
  const failure = failed && { ...failed, timeline: timelineOf(said, caller, watch) };
  await caller?.leave().catch(() => undefined);
  watch?.close();
  const durationMs = performance.now() - startedMs;
  return { scenario, durationMs, sessionId: caller?.sessionId ?? '', ...(failure && { failure }) };
}

function connect({ id, mode, direction, door, caller }: Scenario, { gatewayUrl }: Stage): Promise<Caller> {
  const { frame_ms: frameMs, pausable, echo } = caller;
  return Caller.connect({
    request: { gatewayUrl, agent: agentNameOf(id), mode, direction, frameMs, pausable },
    open: DOORS[door],
    nowMs: now,
    echo: echo && { level: echo.level, delayMs: echo.delay_ms },
  });
}

async function tell(
  { steps, engines, door }: Scenario,
  { voices }: Stage,
  { caller, watch, said }: { caller: Caller; watch: SessionWatch; said: TimelineEntry[] },
): Promise<Omit<ScenarioFailure, 'timeline'> | undefined> {
  const story = new Story({ caller, watch, voices, nowMs: now, said, patienceMs: PATIENCE_MS[engines] });
  for (const [step, each] of steps.entries()) {
    const reason = await story.take(each);
    if (reason) return { step, reason };
  }
  const reason = unexpectedError(caller, story.expected) ?? (door === 'client' ? brokenVoice(caller) : undefined);
  return reason === undefined ? undefined : { reason };
}

/** An error that no step expects is one too many. */
function unexpectedError(caller: Caller, expected: ReadonlySet<unknown>): string | undefined {
  const error = caller.told.find(
    ({ event }) => event.type === 'error' && !EXCUSED.has(event.code) && !expected.has(event),
  );
  return error && `an error came that no step expects: ${describeEvent(error.event)}`;
}

/** Whatever happens, each sample of a sentence is heard once and in order. */
function brokenVoice(caller: Caller): string | undefined {
  const { findings, repeatedMs } = checkVoiceOrder(caller.speaker.pieces);
  if (findings.length > 0) return findings.map(({ message }) => message).join('; ');
  return repeatedMs > 0 ? `${repeatedMs} ms of voice were heard twice` : undefined;
}

function now(): number {
  return performance.now();
}
