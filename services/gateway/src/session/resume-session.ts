import type { SessionWriter } from '@parley/bus';
import { withinDeadline } from './bus-deadline.js';
import { CallSession } from './call-session.js';
import type { Caller } from './caller.js';
import { EdgeError } from './edge-error.js';
import { FollowedLog } from './followed-log.js';
import type { GatewayParts } from './gateway-parts.js';
import { resumedSession } from './resumed-session.js';
import { loggedSettings, readResumption, type Resumption } from './session-settings.js';

/** A resumption may take so many times as long as an opening: many come at once, and half done it is of no use. */
const RESUME_TIMES = 2;
/** Most of the agent's voice that a former gateway is taken to have sent meanwhile. */
const MAX_SERVED_MS = 5000;

/**
 * Takes a session over from its log, whichever gateway had it: the token is checked, `session.resumed` fences the
 * gateway before, and what it has left tells where to go on. Nothing is said to the caller; call
 * {@link CallSession.start} for that.
 * @param isGone whether the caller has left meanwhile: the session is then not taken
 * @throws {EdgeError} `invalid_message`, `resume_refused`, or `bus_unavailable` when the deadline passes or the broker
 * fails; a session that was taken by then waits for its caller as after a lost connection
 */
export async function resumeSession(
  parts: GatewayParts,
  caller: Caller,
  request: unknown,
  onEnded: (session: CallSession) => void,
  isGone: () => boolean,
): Promise<CallSession> {
  const resumption = readResumption(request);
  const timeoutMs = RESUME_TIMES * parts.config.sessions.openTimeoutMs;
  let isLate = false;
  const resuming = resumeOnBus(parts, caller, resumption, onEnded, () => isLate || isGone());
  try {
    return await withinDeadline(parts, timeoutMs, resuming, (session) => session.suspend());
  } catch (error) {
    isLate = true;
    throw error;
  }
}

async function resumeOnBus(
  parts: GatewayParts,
  caller: Caller,
  resumption: Resumption,
  onEnded: (session: CallSession) => void,
  isGone: () => boolean,
): Promise<CallSession> {
  const { bus } = parts;
  const { sessionId, secret } = resumption.token;
  // The log is read before the former gateway is fenced, which may still serve the caller until then.
  const askedMs = parts.clock.nowMs();
  const log = await FollowedLog.open(parts, sessionId);
  let writer: SessionWriter | undefined;
  try {
    const opened = log.checkedOpening(secret);
    const epoch = await bus.acquire('gateway', sessionId);
    // A caller who lost patience may be at another gateway by now, which must not be fenced for nobody.
    if (isGone()) throw new EdgeError('resume_refused');
    writer = bus.writer({ stage: 'gateway', sessionId, epoch });
    await writer.publish('session.resumed', { replica: bus.replica });
    await log.fenced(epoch);
    const settings = loggedSettings(opened, log.events, resumption);
    // Last of all, so that as little as possible of a living former gateway comes between it and the fence.
    const newestFrame = settings.offered.includes('stt') ? await bus.lastFrame('in', sessionId) : undefined;
    log.checkedOpening(secret);
    const resumed = resumedSession(resumption, opened, log.events, newestFrame);
    if (resumption.moving) resumed.servedMs = Math.min(parts.clock.nowMs() - askedMs, MAX_SERVED_MS);
    const session = new CallSession(parts, caller, settings, writer, onEnded, resumed);
    log.follow(session);
    return session;
  } catch (error) {
    log.close();
    if (writer && !(error instanceof EdgeError)) closeLater(parts, writer);
    throw error;
  }
}

/** The session's former gateway counts no more, so this one must end it when nobody resumes it. */
function closeLater({ clock, config, metrics, log }: GatewayParts, writer: SessionWriter): void {
  clock.after(config.sessions.resumeWindowMs, () => {
    writer.publish('session.closed', { reason: 'caller_lost' }).catch((err: unknown) => {
      metrics.busFailures.inc({ kind: 'session.closed' });
      log.limited('bus.publish', 'error', { err }, 'a session that could not be resumed was not closed');
    });
  });
}
