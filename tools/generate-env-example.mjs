// Writes .env.example from the schemas of the services, which must have been built.
// With --check nothing is written, and the exit code is 1 when the file is not current.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { portVariables } from './ports.mjs';
import { root } from './run.mjs';
import { services } from './system.mjs';

const preface = `Every variable that the services read. A line that is commented out shows the default, or an example where it
says so; a variable without "required" may be left out.

This is written by "npm run env:generate" from services/*/src/*.config.ts: change descriptions and defaults there.
docker compose reads a copy of it named .env, and sets NATS_URL and PORT itself. Anything else gets it from the shell:
  set -a; . ./.env; set +a; npm start`;

/** @see generate-env-example.d.mts for what is passed and returned */
export function renderEnvExample({ telemetry, variablesOf, ports = portVariables }) {
  const all = Object.keys(variablesOf).join(', ');
  const { sharedBy, perProcess } = groupsOf(telemetry, variablesOf);
  const wideFirst = [...sharedBy].sort(([a], [b]) => b.split(', ').length - a.split(', ').length);
  const sections = [
    ...wideFirst.map(([readers, variables]) => [readers === all ? 'Every service' : readers, variables.map(entryOf)]),
    ['Every service: logs and traces', telemetry.map(entryOf)],
    ['One process at a time, so not for a file that several read', perProcess.map(perProcessEntryOf)],
    [
      'Ports of "npm start"; docker compose publishes NATS_PORT and GATEWAY_PORT',
      Object.entries(ports).map(portEntryOf),
    ],
  ];
  const texts = sections
    .filter(([, entries]) => entries.length > 0)
    .map(([title, entries]) => [`## ${title}`, ...entries].join('\n\n'));
  return `${[comment(preface), ...texts].join('\n\n')}\n`;
}

// A variable stands where all services that read it are named; one whose defaults differ is no shared setting.
function groupsOf(telemetry, variablesOf) {
  const names = Object.keys(variablesOf);
  const sharedBy = new Map();
  const perProcess = [];
  const seen = new Set(telemetry.map(({ name }) => name));
  for (const variable of Object.values(variablesOf).flat()) {
    if (seen.has(variable.name)) continue;
    seen.add(variable.name);
    const readings = names
      .map((service) => ({ service, found: variablesOf[service].find(({ name }) => name === variable.name) }))
      .filter(({ found }) => found);
    if (new Set(readings.map(({ found }) => found.defaultValue)).size > 1) {
      perProcess.push({ name: variable.name, readings });
    } else {
      const readers = readings.map(({ service }) => service).join(', ');
      sharedBy.set(readers, [...(sharedBy.get(readers) ?? []), variable]);
    }
  }
  return { sharedBy, perProcess };
}

function entryOf({ name, description, example, defaultValue, required, secret }) {
  const isExample = !defaultValue && example !== undefined;
  const marks = [required && 'required', secret && 'secret', isExample && 'example'].filter(Boolean);
  const about = [description, marks.length > 0 && `(${marks.join(', ')})`].filter(Boolean).join(' ');
  const assignment = `${name}=${quoted(defaultValue || example || '')}`;
  return `${about ? `${comment(about)}\n` : ''}${required ? assignment : `#${assignment}`}`;
}

function perProcessEntryOf({ name, readings }) {
  const defaults = readings.map(({ service, found }) => `${service} ${found.defaultValue ?? 'none'}`);
  return comment(`${readings[0].found.description ?? ''}\n${name}: ${defaults.join(', ')}`.trimStart());
}

function portEntryOf([instance, { variable, defaultPort }]) {
  return `${comment(instance === 'nats' ? 'broker' : instance)}\n#${variable}=${defaultPort}`;
}

function comment(text) {
  return text
    .split('\n')
    .map((line) => `# ${line}`.trimEnd())
    .join('\n');
}

// Shells, docker compose and Node.js take a value in double quotes the same way.
function quoted(value) {
  return /^[\w./:,@%+-]*$/.test(value) ? value : `"${value.replace(/[\\"$`]/g, '\\$&')}"`;
}

async function main(isCheck) {
  const { describeEnv, telemetryEnv } = await import('../libs/telemetry/dist/index.js');
  const described = services.map(async (service) => {
    const schemas = await import(`../services/${service}/dist/${service}.config.js`);
    return [service, describeEnv(schemas[`${service}Env`])];
  });
  const variablesOf = Object.fromEntries(await Promise.all(described));
  const wanted = renderEnvExample({ telemetry: describeEnv(telemetryEnv), variablesOf });
  const file = `${root}/.env.example`;
  const present = await readFile(file, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (present === wanted) return;
  if (isCheck) {
    console.error('.env.example is not current: run npm run env:generate');
    process.exitCode = 1;
  } else {
    await writeFile(file, wanted);
    console.log('wrote .env.example');
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.includes('--check'));
