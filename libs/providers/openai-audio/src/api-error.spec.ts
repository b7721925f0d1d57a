import { describe, expect, it } from '@jest/globals';
import { EngineError } from '@parley/ports';
import { apiErrorOf } from './api-error.js';

describe('apiErrorOf', () => {
  it.each([
    [{ status: 400, param: 'voice' }, 'engine_settings', false],
    [{ status: 422, param: 'language' }, 'engine_settings', false],
    [{ status: 400, param: 'file', code: 'audio_too_short' }, 'engine_input', false],
    [{ status: 404, code: 'model_not_found' }, 'engine_settings', false],
    [{ status: 401, code: 'invalid_api_key' }, 'engine_auth', false],
    [{ status: 429, code: 'insufficient_quota', type: 'insufficient_quota' }, 'engine_quota', false],
    [{ status: 429, code: 'rate_limit_exceeded' }, 'engine_rate_limited', true],
    [{ status: 503 }, 'engine_busy', true],
    [{ status: 500 }, 'engine_unavailable', true],
    [{ status: undefined, type: 'insufficient_quota' }, 'engine_quota', false],
    [{ code: 'rate_limit_exceeded' }, 'engine_rate_limited', true],
    [new SyntaxError('Unexpected token'), 'engine_protocol', true],
    [{ name: 'TypeError', cause: { code: 'HPE_INVALID_CHUNK_SIZE' } }, 'engine_protocol', true],
    [{ name: 'TypeError', cause: { code: 'UND_ERR_SOCKET' } }, 'engine_unavailable', true],
    ['thrown as text', 'engine_unavailable', true],
    [undefined, 'engine_unavailable', true],
  ])('makes of %j %s', (thrown, code, retryable) => {
    expect(apiErrorOf(thrown)).toMatchObject({ code, retryable, cause: thrown });
  });

  it('says how long to wait, and keeps what the vendor wrote out of the message', () => {
    const thrown = { status: 429, headers: new Headers({ 'retry-after': '3' }), message: 'the secret text' };
    const error = apiErrorOf(thrown);
    expect(error.retryAfterMs).toBe(3000);
    expect(error.message).not.toContain('secret');
  });

  it('leaves its own errors as they are', () => {
    const error = new EngineError('engine_protocol', 'no', true);
    expect(apiErrorOf(error)).toBe(error);
  });
});
