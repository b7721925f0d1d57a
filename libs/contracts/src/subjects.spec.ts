import { describe, expect, it } from '@jest/globals';
import { EVENT_KINDS, parseSubject, subjects } from './subjects.js';

describe('subjects', () => {
  it('are those of the contract', () => {
    expect([
      subjects.audio('in', 's1'),
      subjects.audio('out', 's1'),
      subjects.event('session', 's1'),
      subjects.text('s1'),
      subjects.claim('stt'),
      subjects.presence('tts', 'tts-1'),
      subjects.rpc('control', 'authorize'),
    ]).toEqual([
      'parley.v1.audio.in.s1',
      'parley.v1.audio.out.s1',
      'parley.v1.session.s1',
      'parley.v1.text.s1',
      'parley.v1.claim.stt',
      'parley.v1.presence.tts.tts-1',
      'parley.v1.rpc.control.authorize',
    ]);
  });

  it('are taken apart again', () => {
    expect(parseSubject(subjects.audio('out', 's1'))).toEqual({ type: 'audio', direction: 'out', sessionId: 's1' });
    expect(parseSubject(subjects.text('s1'))).toEqual({ type: 'text', sessionId: 's1' });
    for (const kind of EVENT_KINDS) {
      expect(parseSubject(subjects.event(kind, 'a-B_9'))).toEqual({ type: 'event', kind, sessionId: 'a-B_9' });
    }
  });

  it.each(['', '*', '>', 'a.b', 'a b', 'ü', 'a\n', 'x'.repeat(65)])('are never built from the id %j', (id) => {
    for (const build of [
      () => subjects.audio('in', id),
      () => subjects.event('reply', id),
      () => subjects.text(id),
      () => subjects.presence('stt', id),
    ]) {
      expect(build).toThrow(expect.objectContaining({ code: 'invalid_session_id' }));
    }
  });

  it.each([
    '',
    'parley.v1',
    'parley.v2.session.s1',
    'parley.v1.audio.s1',
    'parley.v1.audio.up.s1',
    'parley.v1.session.s1.more',
    'parley.v1.session.*',
    'parley.v1.audio.in.>',
    'parley.v1.claim.stt',
    'parley.v1.constructor.s1',
    'other.v1.session.s1',
  ])('refuses to take apart %j', (subject) => {
    expect(() => parseSubject(subject)).toThrow(expect.objectContaining({ code: 'invalid_subject' }));
  });
});
