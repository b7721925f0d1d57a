import { describe, expect, it } from '@jest/globals';
import { errorOfClient } from '@parley/provider-kit';

const words = { used_up: 'engine_quota', overloaded: 'engine_busy', bad: 'engine_input' } as const;
const translate = (thrown: unknown) => errorOfClient(thrown, { provider: 'Test', words, quotaText: /no credit/ });

describe('errorOfClient', () => {
  it.each([
    [{ status: 401 }, 'engine_auth', false],
    [{ status: 429, code: 'used_up' }, 'engine_quota', false],
    [{ status: 400, error: { error: { type: 'bad' } }, message: '400 no credit left' }, 'engine_quota', false],
    [{ status: 529, type: 'overloaded' }, 'engine_busy', true],
    [{ status: undefined, type: 'overloaded' }, 'engine_busy', true],
    [{ error: { type: 'error', error: { type: 'overloaded' } } }, 'engine_busy', true],
    [{ type: 'never heard of' }, 'engine_unavailable', true],
    [new SyntaxError('Unexpected token'), 'engine_protocol', true],
    [new TypeError("Cannot read properties of undefined (reading 'usage')"), 'engine_protocol', true],
    [new TypeError('terminated'), 'engine_unavailable', true],
    [new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') }), 'engine_unavailable', true],
    [Object.assign(new Error('Request timed out.'), { name: 'TimeoutError' }), 'engine_timeout', true],
    [Object.assign(new Error('too long'), { name: 'ContextOverflowError', status: 400 }), 'engine_input', false],
    [new Error('AbortError'), 'engine_aborted', false],
    ['a text', 'engine_unavailable', true],
    [undefined, 'engine_unavailable', true],
  ])('translates %p', (thrown, code, retryable) => {
    const error = translate(thrown);
    expect(error).toMatchObject({ code, retryable });
    expect(error.message).not.toMatch(/credit|Unexpected|terminated|too long/);
    expect(translate(error)).toBe(error);
  });

  it('keeps the time to wait', () => {
    expect(translate({ status: 429, headers: new Headers({ 'retry-after': '3' }) })).toMatchObject({
      code: 'engine_rate_limited',
      retryAfterMs: 3000,
    });
  });
});
