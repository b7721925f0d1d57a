import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { encodeFrame, newSessionId, subjects } from '@parley/contracts';
import { decodeLogFile, encodeLogFile } from './log-file.js';
import type { RecordedSession } from './logged-message.js';

const sessionId = newSessionId();
const frame = encodeFrame({
  codec: 'pcm_s16le',
  sampleRateHz: 16_000,
  epoch: 1,
  seq: 1,
  reply: 0,
  sentence: 0,
  pts: 0,
  lastOfSentence: false,
  lastOfReply: false,
  fence: false,
  payload: Uint8Array.from([1, 2, 3, 4]),
});
const session: RecordedSession = {
  sessionId,
  events: [
    { subject: subjects.event('session', sessionId), storedAtMs: 5, data: Buffer.from('{"type":"session.opened"}') },
    { subject: subjects.event('reply', sessionId), storedAtMs: 6, traceparent: '00-a-b-01', data: Buffer.from('{ "a":1}') },
    { subject: subjects.event('reply', sessionId), storedAtMs: 7, data: Uint8Array.from([0xff, 0x00]) },
  ],
  frames: [{ subject: subjects.audio('in', sessionId), storedAtMs: 8, data: frame }],
}; // prettier-ignore

function rewritten(change: (lines: string[]) => string[]): Uint8Array {
  return gzipSync(change(gunzipSync(encodeLogFile(session)).toString().trimEnd().split('\n')).join('\n'));
}

describe('a session log as a file', () => {
  it('gives back every message byte for byte, also what is no JSON', () => {
    const read = decodeLogFile(encodeLogFile(session));
    const bytes = ({ events, frames }: RecordedSession) => [...events, ...frames].map(({ data }) => [...data]);
    expect(bytes(read)).toEqual(bytes(session));
    expect(read.events[1]).toMatchObject({ subject: session.events[1]?.subject, storedAtMs: 6, traceparent: '00-a-b-01' }); // prettier-ignore
    expect(read.frames).toHaveLength(1);
  });

  it('keeps events readable', () => {
    expect(gunzipSync(encodeLogFile(session)).toString()).toContain('"event":{"type":"session.opened"}');
  });

  const head = (change: object) => (lines: string[]) => [
    JSON.stringify({ ...JSON.parse(lines[0] as string), ...change }),
    ...lines.slice(1),
  ];
  it.each([
    ['that was cut off between lines', rewritten((lines) => lines.slice(0, -1))],
    ['that was cut off within a line', encodeLogFile(session).subarray(0, 60)],
    ['that is not compressed', Buffer.from('{"format":"parley-session"}')],
    ['of another format', rewritten(head({ format: 'zip' }))],
    ['of a newer version', rewritten(head({ version: 2 }))],
    ['that names no session', rewritten(head({ sessionId: '>' }))],
    ['with messages of another session', rewritten(head({ sessionId: newSessionId() }))],
    ['with a line that is no JSON', rewritten((lines) => [...lines, '{'])],
    ['with a message on no subject', rewritten((lines) => [...lines, '{"subject":"x","at":1,"event":{}}'])],
    ['that is empty', gzipSync('')],
  ])('refuses a file %s', (_, bytes) => {
    expect(() => decodeLogFile(bytes)).toThrow(expect.objectContaining({ code: 'log_file_invalid' }));
  });
});
