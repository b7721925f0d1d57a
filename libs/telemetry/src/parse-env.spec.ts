import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ConfigError } from './config-error.js';
import { describeEnv, envFlag, parseEnv } from './parse-env.js';

const schema = z.object({
  PORT: z.coerce.number().int().min(1).max(65_535).default(3000).describe('Port of the door'),
  API_KEY: z
    .string()
    .min(8, { error: (issue) => `${String(issue.input)} is too short` })
    .meta({ secret: true }),
  TLS: envFlag().default(false),
  REGION: z.string().optional().meta({ example: 'eu-west' }),
});

describe('parseEnv', () => {
  it('parses, fills in defaults, ignores other variables and freezes the result', () => {
    const config = parseEnv(schema, { PORT: '8080', API_KEY: 'long-enough', TLS: 'Yes', HOME: '/root' });
    expect(config).toEqual({ PORT: 8080, API_KEY: 'long-enough', TLS: true });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('takes an empty variable as unset', () => {
    expect(parseEnv(schema, { PORT: '', API_KEY: 'long-enough' }).PORT).toBe(3000);
  });

  it('freezes what a transform nests', () => {
    const config = parseEnv(
      schema.transform((vars) => ({ http: { port: vars.PORT } })),
      { API_KEY: 'long-enough' },
    );
    expect(config.http.port).toBe(3000);
    expect(Object.isFrozen(config.http)).toBe(true);
  });

  it('names every bad variable at once and shows no value', () => {
    const parse = () => parseEnv(schema, { PORT: '99999', API_KEY: 'hunter2', TLS: 'maybe' });
    expect(parse).toThrow(ConfigError);
    try {
      parse();
    } catch (error) {
      const { problems, message, code } = error as ConfigError;
      expect(code).toBe('config_invalid');
      expect(problems.map(({ name }) => name)).toEqual(['PORT', 'API_KEY', 'TLS']);
      expect(message).toContain('TLS: expected true or false');
      expect(message).not.toContain('hunter2');
      expect(message).not.toContain('99999');
    }
  });

  it('reads a secret from the file that its variable names, unless it is given itself', () => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-secret-'));
    const path = join(folder, 'key');
    writeFileSync(path, 'from-a-file\n');
    try {
      expect(parseEnv(schema, { API_KEY_FILE: path }).API_KEY).toBe('from-a-file');
      expect(parseEnv(schema, { API_KEY_FILE: path, API_KEY: 'given-itself' }).API_KEY).toBe('given-itself');
      // What is no secret is not read from files.
      expect(parseEnv(schema, { API_KEY_FILE: path, REGION_FILE: path }).REGION).toBeUndefined();
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect(() => parseEnv(schema, { API_KEY_FILE: path })).toThrow('API_KEY_FILE: cannot be read');
  });

  it('says of a missing variable that it is required', () => {
    expect(() => parseEnv(schema, {})).toThrow('API_KEY: is required');
  });
});

describe('describeEnv', () => {
  it('lists description, default, secrecy and need of each variable, through a transform too', () => {
    expect(describeEnv(schema.transform((vars) => vars))).toEqual([
      { name: 'PORT', description: 'Port of the door', required: false, defaultValue: '3000' },
      { name: 'API_KEY', secret: true, required: true },
      { name: 'TLS', required: false, defaultValue: 'false' },
      { name: 'REGION', example: 'eu-west', required: false },
    ]);
  });
});
