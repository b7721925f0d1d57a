import { newSessionId } from '@parley/contracts';
import { withinDeadline } from './bus-deadline.js';
import { CallSession } from './call-session.js';
import { CALLER_SAMPLE_RATE_HZ } from './caller-audio.js';
import type { Caller } from './caller.js';
import type { GatewayParts } from './gateway-parts.js';
import { resumeKeyHash } from './resume-token.js';
import { VOICE_SAMPLE_RATE_HZ, readSessionRequest, type SessionSettings } from './session-settings.js';

/**
 * Opens a session on the bus: ownership, `session.opened`, the feed, and the offers to its stages. Nothing is said to
 * the caller; call {@link CallSession.start} for that.
 * @throws {EdgeError} `invalid_message`, or `bus_unavailable` when the deadline passes or the broker fails; what had
 * begun by then is closed again
 */
export async function openSession(
  parts: GatewayParts,
  caller: Caller,
  request: unknown,
  onEnded: (session: CallSession) => void,
): Promise<CallSession> {
  const settings = readSessionRequest(request, newSessionId(), parts.config.defaultAgent);
  const opening = openOnBus(parts, caller, settings, onEnded);
  return withinDeadline(parts, parts.config.sessions.openTimeoutMs, opening, (session) =>
    session.abandon('bus_unavailable'),
  );
}

async function openOnBus(
  { bus, ...rest }: GatewayParts,
  caller: Caller,
  settings: SessionSettings,
  onEnded: (session: CallSession) => void,
): Promise<CallSession> {
  const { sessionId, agent, mode, language, direction, frameMs, stages } = settings;
  const epoch = await bus.acquire('gateway', sessionId);
  const writer = bus.writer({ stage: 'gateway', sessionId, epoch });
  const session = new CallSession({ bus, ...rest }, caller, settings, writer, onEnded);
  const feed = bus.feed({
    sessionId,
    kinds: ['session', 'stage', 'speech', 'transcript', 'reply'],
    ...(settings.voiceOut && { audio: 'out' as const }),
    text: true,
    onEvent: (event, { replayed }) => session.event(event, replayed),
    onFrame: (frame) => session.frame(frame),
    onLost: ({ count }) => session.lost(count),
  });
  const opened = writer.publish('session.opened', {
    agent,
    mode,
    language,
    direction,
    inputSampleRateHz: CALLER_SAMPLE_RATE_HZ,
    outputSampleRateHz: VOICE_SAMPLE_RATE_HZ,
    outputFrameMs: frameMs,
    door: caller.door,
    resumeKeyHash: resumeKeyHash(settings.resumeToken),
  });
  try {
    await Promise.all([opened, feed.then((each) => session.attach(each))]);
    await Promise.all(stages.map((stage) => bus.offer(stage, sessionId)));
    return session;
  } catch (error) {
    await session.abandon('bus_unavailable');
    throw error;
  }
}
