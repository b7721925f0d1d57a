import { describe, expect, it } from '@jest/globals';
import { claimSchema, presenceSchema } from './claim.js';
import { callerMessageSchema, sessionRequestSchema } from './edge.js';
import { ERROR_CODES } from './error-codes.js';

describe('session requests', () => {
  it('have defaults, and take numbers from query parameters', () => {
    expect(sessionRequestSchema.parse({})).toEqual({
      mode: 'voice-to-voice',
      language: 'en',
      direction: 'incoming',
      frameMs: 20,
    });
    expect(sessionRequestSchema.parse({ frameMs: '60' }).frameMs).toBe(60);
  });

  it.each([{ frameMs: 5 }, { frameMs: 'x' }, { mode: 'telepathy' }, { direction: 'up' }, { agent: '' }])(
    'refuse %j',
    (request) => {
      expect(sessionRequestSchema.safeParse(request).success).toBe(false);
    },
  );
});

describe('caller messages', () => {
  it.each([
    { type: 'mode', mode: 'text-to-voice' },
    { type: 'commit' },
    { type: 'dtmf', digits: '12#' },
    { type: 'played', reply: 1, sentence: 0, pts: 480 },
  ])('are %j', (message) => {
    expect(callerMessageSchema.parse(message)).toEqual(message);
  });

  it('are text, trimmed, or an end', () => {
    expect(callerMessageSchema.parse({ type: 'text', text: ' hi ' })).toEqual({ type: 'text', text: 'hi' });
    expect(callerMessageSchema.parse({ type: 'end' })).toEqual({ type: 'end' });
  });

  it.each([{ type: 'text', text: '  ' }, { type: 'text', text: 'x'.repeat(8001) }, { type: 'shout' }, {}, null])(
    'are not %#',
    (message) => {
      expect(callerMessageSchema.safeParse(message).success).toBe(false);
    },
  );
});

describe('claims and heartbeats', () => {
  it('name a session that can stand in a subject', () => {
    const claim = { sessionId: 's1', stage: 'stt', gateway: 'gateway-1', openedAt: 1 };
    expect(claimSchema.safeParse(claim).success).toBe(true);
    expect(claimSchema.safeParse({ ...claim, sessionId: 's.*' }).success).toBe(false);
    expect(claimSchema.safeParse({ ...claim, stage: 'gateway' }).success).toBe(false);
  });

  it('count no fewer than zero sessions', () => {
    const beat = { stage: 'stt', replica: 'stt-1', state: 'running', sessions: 0, capacity: 4, at: 1 };
    expect(presenceSchema.safeParse(beat).success).toBe(true);
    expect(presenceSchema.safeParse({ ...beat, sessions: -1 }).success).toBe(false);
  });
});

describe('error codes', () => {
  it('each say something, without a final stop or a line break', () => {
    for (const [code, { message }] of Object.entries(ERROR_CODES)) {
      expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
      expect(message).toMatch(/^[a-z][^\n]*[^.\n]$/);
    }
  });
});
