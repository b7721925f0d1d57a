import { describe, expect, it } from '@jest/globals';
import { loadAgentConfig } from './agent.config.js';

describe('loadAgentConfig', () => {
  it('needs nothing: the local model and the example agent', () => {
    const config = loadAgentConfig({});
    expect(config).toMatchObject({
      PORT: 8082,
      LLM_ENGINE: 'local',
      AGENT_MODULES: '@parley/example-sandwich-shop',
      REPLY_TIMEOUT_MS: 30_000,
      TOOL_TIMEOUT_MS: 10_000,
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('takes OpenAI when there is a key, and what is asked for otherwise', () => {
    expect(loadAgentConfig({ OPENAI_API_KEY: 'sk-1' }).LLM_ENGINE).toBe('openai');
    expect(loadAgentConfig({ OPENAI_API_KEY: 'sk-1', LLM_ENGINE: 'local' }).LLM_ENGINE).toBe('local');
    expect(loadAgentConfig({ OPENAI_API_KEY: '' }).LLM_ENGINE).toBe('local');
  });

  it('does not take OpenAI without a key', () => {
    expect(() => loadAgentConfig({ LLM_ENGINE: 'openai' })).toThrow(/OPENAI_API_KEY: is required/);
  });

  it('names every bad variable at once', () => {
    const wrong = {
      PORT: 'x',
      LLM_ENGINE: 'abacus',
      OPENAI_BASE_URL: 'nowhere',
      REPLY_TIMEOUT_MS: '0',
      TOOL_TIMEOUT_MS: '-1',
      SCRIPTED_LLM_TOKEN_MS: '1.5',
    };
    const load = () => loadAgentConfig(wrong);
    expect(load).toThrow(expect.objectContaining({ code: 'config_invalid' }));
    for (const name of Object.keys(wrong)) expect(load).toThrow(new RegExp(`^  ${name}: `, 'm'));
  });

  it('shows no secret when something else is wrong', () => {
    const load = () => loadAgentConfig({ OPENAI_API_KEY: 'sk-very-secret', PORT: 'x' });
    expect(load).toThrow(expect.not.objectContaining({ message: expect.stringContaining('sk-very-secret') }));
  });

  it.each(['REPLY_TIMEOUT_MS', 'TOOL_TIMEOUT_MS', 'SCRIPTED_LLM_FIRST_TOKEN_MS'])(
    'refuses a %s that no timer can wait for',
    (name) => {
      expect(() => loadAgentConfig({ [name]: '2147483648' })).toThrow(name);
      expect(loadAgentConfig({ [name]: '2147483647' })).toMatchObject({ [name]: 2_147_483_647 });
    },
  );
});
