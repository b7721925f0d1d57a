import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError, type ConfigProblem } from './config-error.js';

/** Environment variables as a process gets them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What `.meta()` of a variable's schema may say beside its description. */
export interface EnvMeta {
  /** What the variable is for. */
  description?: string;
  /** The value must not be shown anywhere. */
  secret?: boolean;
  /** A value to show in `.env.example`. */
  example?: string;
}

/** One variable of a schema, for documentation. */
export interface EnvVariable extends EnvMeta {
  name: string;
  required: boolean;
  /** As it would stand in the environment; absent when there is none or it is computed from other variables. */
  defaultValue?: string;
}

/**
 * Parses the environment with a schema whose keys are the variables' names. An empty variable counts as unset, and
 * variables that the schema does not name are ignored. A secret may stand in a file instead, as orchestrators mount them:
 * `API_KEY_FILE` names the file of `API_KEY`. The result is frozen, nested objects too.
 * @throws {ConfigError} `config_invalid`, listing every bad variable with what is wrong and no value
 */
export function parseEnv<S extends z.ZodType>(schema: S, env: Environment): Readonly<z.output<S>> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const unreadable = readSecretFiles(schema, given);
  if (unreadable.length > 0) throw new ConfigError(unreadable);
  const parsed = schema.safeParse(given);
  if (parsed.success) return freeze(parsed.data);
  throw new ConfigError(parsed.error.issues.map((issue) => problemOf(issue, given)));
}

/** Lists a schema's variables in their order, as `.env.example` needs them. Takes an object schema, or a pipe from one. */
export function describeEnv(schema: z.ZodType): EnvVariable[] {
  return Object.entries(shapeOf(schema)).map(([name, field]) => {
    const meta = metaOf(field);
    const fallback = field.safeParse(undefined);
    const variable: EnvVariable = { name, ...meta, required: !fallback.success };
    if (fallback.success && fallback.data !== undefined) variable.defaultValue = asText(fallback.data);
    return variable;
  });
}

/** A variable that is on for `true`, `1`, `yes` or `on`, off for their opposites, in any case. */
export function envFlag(): z.ZodType<boolean, string> {
  return z
    .string()
    .refine((text) => /^(true|1|yes|on|false|0|no|off)$/i.test(text), 'expected true or false')
    .transform((text) => /^(true|1|yes|on)$/i.test(text));
}

/** Fills in the secrets that stand in files. @returns the files that cannot be read */
function readSecretFiles(schema: z.ZodType, given: Record<string, string | undefined>): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  for (const [name, field] of Object.entries(shapeOf(schema))) {
    const path = given[`${name}_FILE`];
    if (path === undefined || given[name] !== undefined || !metaOf(field).secret) continue;
    try {
      const secret = readFileSync(path, 'utf8').trim();
      if (secret) given[name] = secret;
    } catch {
      problems.push({ name: `${name}_FILE`, problem: 'cannot be read' });
    }
  }
  return problems;
}

function problemOf(issue: z.core.$ZodIssue, given: Record<string, string | undefined>): ConfigProblem {
  const name = issue.path.map(String).join('.');
  const value = given[String(issue.path[0])];
  if (value === undefined && issue.code === 'invalid_type') return { name, problem: 'is required' };
  // A custom message may quote what it judged, and the value may be a secret.
  return { name, problem: value && issue.message.includes(value) ? 'is not valid' : issue.message };
}

function shapeOf(schema: z.ZodType): Record<string, z.ZodType> {
  if (schema instanceof z.ZodObject) return schema.shape as Record<string, z.ZodType>;
  if (schema instanceof z.ZodPipe) return shapeOf(schema.def.in as z.ZodType);
  throw new TypeError('an environment schema is a zod object, or a transform or refinement of one');
}

/** Outer metadata wins over that of the schemas it wraps (`default`, `optional`, `transform`). */
function metaOf(schema: z.ZodType): EnvMeta {
  const def = schema.def as { innerType?: z.ZodType; in?: z.ZodType };
  const inner = def.innerType ?? def.in;
  const { description, secret, example } = { ...(inner && metaOf(inner)), ...(schema.meta() as EnvMeta | undefined) };
  return {
    ...(description !== undefined && { description }),
    ...(secret !== undefined && { secret }),
    ...(example !== undefined && { example }),
  };
}

function asText(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function freeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value) && !ArrayBuffer.isView(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) freeze(inner);
  }
  return value;
}
