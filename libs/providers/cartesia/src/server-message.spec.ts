import { describe, expect, it } from '@jest/globals';
import { readServerMessage, type ServerMessage } from './server-message.js';

function read(message: unknown): ServerMessage {
  return readServerMessage(JSON.stringify(message));
}

describe('readServerMessage', () => {
  it('reads voice and word times, whatever other fields there are', () => {
    const bytes = Buffer.from([1, 2, 3]);
    const chunk = { type: 'chunk', context_id: 'a', data: bytes.toString('base64'), done: false, from: 'the future' };
    expect(read(chunk)).toEqual({ type: 'audio', contextId: 'a', bytes, isLast: false });
    const times = { words: ['Hi', ' ', 'there'], start: [0, 0.1, 0.25], end: [0.1, 0.25, 0.5] };
    expect(read({ type: 'timestamps', context_id: 'a', word_timestamps: times })).toEqual({
      type: 'words',
      contextId: 'a',
      isLast: false,
      words: [
        { word: 'Hi', startMs: 0, endMs: 100 },
        { word: 'there', startMs: 250, endMs: 500 },
      ],
    });
    expect(read({ type: 'timestamps', context_id: 'a', word_timestamps: null })).toMatchObject({ words: [] });
  });

  it.each([
    { type: 'done', context_id: 'a', done: true },
    { type: 'flush_done', context_id: 'a', done: true, flush_id: 1 },
  ])('takes a context for over that is said to be: %j', (message) => {
    expect(read(message)).toEqual({ type: 'done', contextId: 'a' });
  });

  it.each([
    { type: 'phoneme_timestamps', context_id: 'a', done: false },
    { type: 'flush_done', context_id: 'a', done: false },
    { type: 'news', context_id: 'a' },
    { type: 'chunk', data: 'AAAA' },
    {},
  ])('passes over %j', (message) => {
    expect(read(message)).toEqual({ type: 'unknown' });
  });

  it.each(['', 'nonsense', '{"type":"chunk","data":', 'null', '[]', '7'])('cannot read %j, whosever it is', (text) => {
    const message = readServerMessage(text);
    expect(message.type).toBe('stray_error');
    expect(message).toHaveProperty('error.code', 'engine_protocol');
  });

  it.each([
    { type: 'chunk', context_id: 'a' },
    { type: 'chunk', context_id: 'a', data: 'no base64!' },
    { type: 'timestamps', context_id: 'a', word_timestamps: { words: ['a'], start: [0], end: [] } },
    { type: 'timestamps', context_id: 'a', word_timestamps: 'soon' },
  ])('cannot read %j, of its context alone', (message) => {
    expect(read(message)).toMatchObject({ type: 'error', contextId: 'a' });
    expect(read(message)).toHaveProperty('error.code', 'engine_protocol');
  });

  it.each([
    [{ type: 'error', status_code: 429, error_code: 'concurrency_limited' }, 'engine_rate_limited'],
    [{ type: 'error', status_code: 402, error_code: null }, 'engine_quota'],
    [{ type: 'error', status_code: 429, error_code: 'quota_exceeded' }, 'engine_quota'],
    [{ type: 'error', status_code: 404, error_code: 'voice_not_found' }, 'engine_settings'],
    [{ type: 'error', status_code: 400, title: 'Transcript is empty' }, 'engine_input'],
    [{ type: 'error', status_code: 500 }, 'engine_unavailable'],
    [{ type: 'error' }, 'engine_unavailable'],
    [{ status_code: 401, done: true, error: 'Unauthorized: bad key' }, 'engine_auth'],
  ])('translates %j to %s', (message, code) => {
    const read = readServerMessage(JSON.stringify({ context_id: 'a', ...message }));
    expect(read).toMatchObject({ type: 'error', contextId: 'a' });
    expect(read).toHaveProperty('error.code', code);
  });

  it('keeps what Cartesia wrote out of the message', () => {
    const message = read({ type: 'error', status_code: 400, title: 'Bad', message: 'the secret text' });
    if (message.type !== 'stray_error') throw new Error('no error');
    expect(message.error.message).not.toContain('secret');
    expect((message.error.cause as Error).message).toContain('secret');
  });
});
