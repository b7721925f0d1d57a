import { describe, expect, it } from '@jest/globals';
import { createLogger, type LogOptions } from './log.js';

function capture(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  const log = createLogger({ service: 'stt', format: 'json', destination, ...options });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? 'null') as Record<string, unknown> };
}

describe('createLogger', () => {
  it('writes JSON with the service, the level by name and the bindings of every ancestor', () => {
    const { log, last } = capture({ bindings: { replica: 'stt-1' } });
    log.child({ sessionId: 's1' }).child({ turn: 2 }).info({ words: 3 }, 'heard');
    expect(last()).toMatchObject({ level: 'info', service: 'stt', replica: 'stt-1', sessionId: 's1', turn: 2, words: 3, msg: 'heard' }); // prettier-ignore
  });

  it('leaves out what is below its level', () => {
    const { log, lines } = capture({ level: 'warn' });
    log.info('no');
    log.limited('k', 'info', {}, 'no');
    expect(lines).toEqual([]);
  });

  it('sums up audio instead of writing it', () => {
    const { log, last } = capture();
    const frame = { codec: 'pcm_s16le', sampleRateHz: 8000, payload: new Uint8Array(3200) };
    log.info({ pcm: new Int16Array(1600), frame, raw: Buffer.alloc(7) }, 'audio');
    expect(last()).toMatchObject({
      pcm: '<pcm 3200 B 100 ms>',
      frame: { payload: '<pcm 3200 B 200 ms>' },
      raw: '<bytes 7 B>',
    });
  });

  it('hides keys, tokens and authorization at any depth, in bindings and in error texts', () => {
    const { log, lines } = capture({ bindings: { apiKey: 'secret-1' } });
    const cause = new Error('401 for Authorization: Bearer secret-22222');
    const err = new Error('cannot reach nats://parley:secret-3@broker:4222 with sk-secret-44', { cause });
    log.child({ resumeToken: 'secret-5' }).error({ err, request: { headers: [{ Authorization: 'secret-6' }] } }, 'x');
    expect(lines.join('')).not.toContain('secret');
    expect(lines.join('')).toContain('nats://parley:[hidden]@broker:4222');
  });

  it('writes errors with code, stack and chain of causes, and nothing else that hangs on them', () => {
    const { log, last } = capture();
    const cause = Object.assign(new TypeError('low'), { code: 'ECONNRESET' });
    const err = Object.assign(new Error('high', { cause }), {
      code: 'engine_unavailable',
      retryable: true,
      request: 1,
    });
    log.error(err);
    const written = last().err as Record<string, unknown>;
    expect(last().msg).toBe('high');
    expect(written).toMatchObject({
      code: 'engine_unavailable',
      retryable: true,
      stack: expect.stringContaining('log.spec'),
      cause: { type: 'TypeError', code: 'ECONNRESET', message: 'low' },
    });
    expect(written).not.toHaveProperty('request');
  });

  it('writes a limited line once per key and 10 s across children, then says how many it left out', () => {
    let nowMs = 0;
    const { log, lines, last } = capture({ now: () => nowMs });
    for (let i = 0; i < 4; i++) log.child({ sessionId: `s${i}` }).limited('shed', 'warn', { i }, 'frame shed');
    log.limited('other', 'warn', {}, 'other');
    expect(lines).toHaveLength(2);
    nowMs = 10_000;
    log.limited('shed', 'warn', {}, 'frame shed');
    expect(last()).toMatchObject({ msg: 'frame shed', suppressed: 3 });
    nowMs = 20_000;
    log.limited('shed', 'warn', {}, 'frame shed');
    expect(last()).not.toHaveProperty('suppressed');
  });

  it('survives cycles, depth and long lists', () => {
    const { log, last } = capture();
    const cycle: Record<string, unknown> = { list: Array.from({ length: 60 }, (_, i) => i) };
    cycle.self = cycle;
    log.info(cycle, 'deep');
    expect((last().list as unknown[]).at(-1)).toBe('… 10 more');
  });

  it('writes a line for people in the pretty format', () => {
    const { log, lines } = capture({ format: 'pretty' });
    log.warn({ sessionId: 's1', err: new Error('boom') }, 'claim lost');
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} WARN {2}stt claim lost sessionId=s1\n {2}Error: boom\n\s+at /);
  });
});
