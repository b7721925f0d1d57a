import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { describeEnv, telemetryEnv } from '@parley/telemetry';
import { agentEnv } from '../services/agent/src/agent.config.js';
import { gatewayEnv } from '../services/gateway/src/gateway.config.js';
import { sttEnv } from '../services/stt/src/stt.config.js';
import { ttsEnv } from '../services/tts/src/tts.config.js';
import { renderEnvExample } from './generate-env-example.mjs';

const variable = (name: string, defaultValue?: string) => ({ name, required: false, defaultValue });
const render = (variablesOf: Parameters<typeof renderEnvExample>[0]['variablesOf']) =>
  renderEnvExample({ telemetry: [variable('LEVEL', 'info')], variablesOf, ports: {} });

describe('renderEnvExample', () => {
  it('is what .env.example says', () => {
    const variablesOf = {
      gateway: describeEnv(gatewayEnv),
      stt: describeEnv(sttEnv),
      agent: describeEnv(agentEnv),
      tts: describeEnv(ttsEnv),
    };
    const text = renderEnvExample({ telemetry: describeEnv(telemetryEnv), variablesOf });
    expect(readFileSync(new URL('../.env.example', import.meta.url), 'utf8')).toBe(text);
  });

  it('marks what is required, secret or an example, and leaves only what is required without comment', () => {
    const text = render({
      a: [
        { name: 'KEY', description: 'Key', required: true, secret: true },
        { name: 'TERMS', description: 'Words', required: false, example: 'two words' },
      ],
    });
    expect(text).toContain('\n# Key (required, secret)\nKEY=\n');
    expect(text).toContain('\n# Words (example)\n#TERMS="two words"\n');
  });

  it('lists a variable once, under the services that read it, the most shared first', () => {
    const text = render({
      a: [variable('MINE'), variable('SHARED', '1'), variable('LEVEL', 'info')],
      b: [variable('SHARED', '1'), variable('HALF', '2')],
      c: [variable('SHARED', '1'), variable('HALF', '2')],
    });
    expect(text.match(/^##? .*(a|b, c|service)$|^#[A-Z]+=/gm)).toEqual([
      '## Every service',
      '#SHARED=',
      '## b, c',
      '#HALF=',
      '## a',
      '#MINE=',
      '#LEVEL=',
    ]);
  });

  it('assigns no variable whose default depends on the service', () => {
    const text = render({ a: [variable('PORT', '1')], b: [variable('PORT', '2')] });
    expect(text).toContain('# PORT: a 1, b 2');
    expect(text).not.toContain('PORT=');
  });
});
