import { describe, expect, it } from '@jest/globals';
import { errorOfAnswer, errorOfKind, kindInReason } from './refusals.js';

describe('refusals', () => {
  it.each([
    ['auth_error', 'engine_auth', false],
    ['unaccepted_terms', 'engine_auth', false],
    ['quota_exceeded', 'engine_quota', false],
    ['rate_limited', 'engine_rate_limited', true],
    ['resource_exhausted', 'engine_busy', true],
    ['max_active_conversations', 'engine_busy', true],
    ['session_time_limit_exceeded', 'engine_unavailable', true],
    ['input_error', 'engine_input', false],
    ['invalid_request', 'engine_settings', false],
    ['voice_not_found', 'engine_settings', false],
    ['something_new', 'engine_unavailable', true],
    [undefined, 'engine_unavailable', true],
  ])('are coded by what the provider calls them: %s', (kind, code, retryable) => {
    expect(errorOfKind(kind, undefined)).toMatchObject({ code, retryable });
  });

  it.each([
    [401, { detail: { status: 'quota_exceeded' } }, 'engine_quota'],
    [401, { detail: { status: 'invalid_api_key' } }, 'engine_auth'],
    [400, { detail: { status: 'voice_not_found' } }, 'engine_settings'],
    [400, { detail: { status: 'max_character_limit_exceeded' } }, 'engine_input'],
    [403, { detail: { status: 'only_for_creator+' } }, 'engine_auth'],
    [422, { detail: [{ loc: [], msg: '', type: '' }] }, 'engine_input'],
    [429, { detail: { status: 'system_busy' } }, 'engine_busy'],
    [500, 'no JSON', 'engine_unavailable'],
    [503, undefined, 'engine_busy'],
  ])('are coded by their status and detail: %d %j', (status, body, code) => {
    const headers = new Headers({ 'retry-after': '3' });
    expect(errorOfAnswer({ status, headers, body, cause: undefined })).toMatchObject({ code, retryAfterMs: 3000 });
  });

  it('are found in the reason of a close, which is cut short', () => {
    expect(kindInReason('{"message":"an error: You have …","error":"quota_exceeded","co')).toBe('quota_exceeded');
    expect(kindInReason('{"message":"an error')).toBeUndefined();
    expect(kindInReason('')).toBeUndefined();
  });
});
