import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { describeEnv, parseEnv, telemetryEnv } from '@parley/telemetry';
import { parse, parseAllDocuments } from 'yaml';
import { agentEnv } from '../services/agent/src/agent.config.js';
import { gatewayEnv, loadGatewayConfig } from '../services/gateway/src/gateway.config.js';
import { sttEnv } from '../services/stt/src/stt.config.js';
import { ttsEnv } from '../services/tts/src/tts.config.js';
import { nativePrograms } from './native-programs.mjs';
import { portVariables } from './ports.mjs';
import { memoryArgs, memoryEnv } from './system.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

// Parsed YAML of other tools' formats: a wrong path reads undefined, which fails the assertion.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Yaml = any;

const schemas = { gateway: gatewayEnv, stt: sttEnv, agent: agentEnv, tts: ttsEnv };
const services = Object.keys(schemas) as (keyof typeof schemas)[];
const textOf = (path: string) => readFileSync(join(root, path), 'utf8');
const namesOf = (service: keyof typeof schemas) =>
  [...describeEnv(schemas[service]), ...describeEnv(telemetryEnv)].map(({ name }) => name);

const dockerfile = textOf('deploy/Dockerfile');
const stages = [...dockerfile.matchAll(/^FROM (\S+) AS (\S+)$/gm)].map(([, from, name]) => ({ from, name }));
const imagePort = Number(/^ENV .*\bPORT=(\d+)/m.exec(dockerfile)?.[1]);
const compose: Yaml = parse(textOf('docker-compose.yml'), { merge: true });
const kustomization: Yaml = parse(textOf('k8s/base/kustomization.yaml'));
const patch: Yaml = parse(textOf('k8s/base/service-patch.yaml'));
const shared: Yaml = patch.spec.template.spec;
const sharedContainer: Yaml = shared.containers[0];
const manifests: Yaml[] = [...services, 'nats'].flatMap((name) =>
  parseAllDocuments(textOf(`k8s/base/${name}.yaml`)).map((document) => document.toJS()),
);
const manifest = (kind: string, name: string): Yaml =>
  manifests.find((candidate) => candidate.kind === kind && candidate.metadata.name === name);
const environment: Record<string, string> = Object.fromEntries(
  kustomization.configMapGenerator[0].literals.map((literal: string) => literal.split(/=(.*)/s)),
);
const natsConf = textOf('deploy/nats/nats.conf');
const natsSetting = (name: string) => new RegExp(`^\\s*${name}: (\\S+)$`, 'm').exec(natsConf)?.[1] ?? '';
const version = JSON.parse(textOf('package.json')).version;

/** What a service may take to stop: the gateway takes longest, and connections and traces close after that. */
function stopMs(env: Record<string, string>): number {
  return loadGatewayConfig(env).service.DRAIN_TIMEOUT_MS + 5000;
}

function bytesOf(size: string): number {
  const [, number, unit = ''] = /^(\d+)([KMG]i)B?$/.exec(size) ?? [];
  return Number(number) * 1024 ** ['', 'Ki', 'Mi', 'Gi'].indexOf(unit);
}

describe('Dockerfile', () => {
  it('builds on and copies from stages it has', () => {
    const names = stages.map(({ name }) => name);
    const used = [...dockerfile.matchAll(/^COPY --from=(\S+)/gm)].map(([, name]) => name);
    expect(used.length).toBeGreaterThan(0);
    for (const name of used) expect(names).toContain(name);
    for (const { from } of stages) expect(['${NODE_IMAGE}', ...names]).toContain(from);
  });

  it('checks /health on the port it sets, and exposes that one', () => {
    expect(dockerfile).toContain('fetch(`http://127.0.0.1:${process.env.PORT}/health`)');
    expect(Number(/^EXPOSE (\d+)$/m.exec(dockerfile)?.[1])).toBe(imagePort);
    expect(textOf('libs/stage-kit/src/health.controller.ts')).toContain("@Get('health')");
  });

  it('installs the packages that the local engines need', () => {
    const engines = nativePrograms.filter(({ packages }) => !packages.includes('nats-server'));
    const wanted = engines.flatMap(({ packages }) => packages).sort();
    const local = dockerfile.slice(dockerfile.indexOf('AS runtime-local'));
    expect(/--no-install-recommends ([^\\]+?) *\\$/m.exec(local)?.[1]?.split(' ').sort()).toEqual(wanted);
  });

  it('ends as a user with a number, in every stage that becomes an image', () => {
    for (const name of ['runtime', 'runtime-local']) {
      const text = dockerfile.slice(dockerfile.indexOf(` AS ${name}\n`)).split(/^FROM /m)[0] ?? '';
      expect([...text.matchAll(/^USER (.+)$/gm)].at(-1)?.[1]).toBe('1000:1000');
    }
  });

  it('has the version of the workspace, as the manifests have', () => {
    for (const [, given] of dockerfile.matchAll(/^ARG VERSION=(.+)$/gm)) expect(given).toBe(version);
    for (const { newTag } of kustomization.images) expect(newTag).toBe(version);
  });

  it('starts a service with the options and variables that it has everywhere', () => {
    const command = /^CMD (\[.*main\.js"\])$/m.exec(dockerfile)?.[1] ?? '[]';
    expect(JSON.parse(command)).toEqual(expect.arrayContaining([...memoryArgs]));
    const variables = /^ENV (.+)$/m.exec(dockerfile)?.[1]?.split(' ');
    expect(variables).toEqual(expect.arrayContaining(Object.entries(memoryEnv).map((pair) => pair.join('='))));
  });

  it('gets every workspace and what npm and the build read', () => {
    const allowed = textOf('.dockerignore').split('\n').filter((line) => line.startsWith('!')).map((line) => line.slice(1)); // prettier-ignore
    const workspaces: string[] = JSON.parse(textOf('package.json')).workspaces;
    for (const folder of [...workspaces, 'package.json', 'package-lock.json', '.npmrc', '.swcrc', 'nx.json']) {
      expect({ folder, gets: allowed.some((name) => `${folder}/`.startsWith(`${name}/`)) }).toEqual({
        folder,
        gets: true,
      });
    }
    for (const path of allowed) expect({ path, exists: existsSync(join(root, path)) }).toEqual({ path, exists: true });
  });
});

describe('docker-compose.yml', () => {
  it('builds every service as itself, for a target that exists', () => {
    for (const service of services) {
      const { build } = compose.services[service];
      expect(build.args).toEqual({ SERVICE: service });
      expect(existsSync(join(root, build.context, build.dockerfile))).toBe(true);
      expect(stages.map(({ name }) => name)).toContain(build.target);
    }
    expect(Object.keys(compose.services).sort()).toEqual(['nats', ...services].sort());
  });

  it.each(services)('passes on all that %s reads, and nothing else', (service) => {
    // The address is the image's, and a name in traces is one service's.
    const wanted = namesOf(service).filter((name) => name !== 'HOST' && name !== 'OTEL_SERVICE_NAME');
    const given = compose.services[service].environment;
    expect(Object.keys(given).sort()).toEqual(wanted.sort());
    const set = Object.entries(given).filter(([, value]) => value !== null);
    const env = Object.fromEntries(set.map(([name, value]) => [name, String(value)]));
    expect(parseEnv(schemas[service], env)).toMatchObject({ NATS_URL: 'nats://nats:4222', PORT: imagePort });
  });

  it('starts a service when what it depends on is healthy, the maker of the streams before the others', () => {
    expect(compose.services.nats.healthcheck.test.join(' ')).toContain(`:${natsSetting('http_port')}/healthz`);
    const healthy = { condition: 'service_healthy' };
    expect(compose.services.gateway.depends_on).toEqual({ nats: healthy });
    for (const stage of ['stt', 'agent', 'tts'])
      expect(compose.services[stage].depends_on).toEqual({ gateway: healthy });
  });

  it('publishes the ports that the variables name, to ports that are listened on', () => {
    const published = (name: keyof typeof portVariables) =>
      `\${${portVariables[name]?.variable}:-${portVariables[name]?.defaultPort}}`;
    expect(compose.services.nats.ports).toEqual([`127.0.0.1:${published('nats')}:${natsSetting('port')}`]);
    expect(compose.services.gateway.ports).toEqual([`${published('gateway')}:${imagePort}`]);
  });

  it('mounts files of this repository and volumes it declares', () => {
    for (const volume of compose.services.nats.volumes) {
      const source = String(volume).split(':')[0] ?? '';
      if (source.startsWith('.')) expect(existsSync(join(root, source))).toBe(true);
      else expect(Object.keys(compose.volumes)).toContain(source);
    }
  });

  it('leaves every service the time to stop', () => {
    for (const service of services) {
      const { stop_grace_period: grace } = compose.services[service];
      expect(Number(/^(\d+)s$/.exec(grace)?.[1]) * 1000).toBeGreaterThanOrEqual(stopMs({}));
    }
  });
});

describe('nats.conf', () => {
  it('has room for what the streams reserve unless told otherwise', () => {
    const defaultOf = (wanted: string) =>
      Number(describeEnv(gatewayEnv).find(({ name }) => name === wanted)?.defaultValue);
    const claimsAndOwnersBytes = 128 * 1024 ** 2;
    expect(bytesOf(natsSetting('max_memory_store'))).toBeGreaterThanOrEqual(defaultOf('AUDIO_MAX_BYTES'));
    expect(bytesOf(natsSetting('max_file_store'))).toBeGreaterThanOrEqual(
      defaultOf('EVENTS_MAX_BYTES') + claimsAndOwnersBytes,
    );
  });
});

describe('k8s/base', () => {
  it('names files that exist and one image of each service', () => {
    for (const path of [...kustomization.resources, ...kustomization.patches.map((entry: Yaml) => entry.path)]) {
      expect({ path, exists: existsSync(join(root, 'k8s/base', path)) }).toEqual({ path, exists: true });
    }
    const images = services.map((service) => manifest('Deployment', service).spec.template.spec.containers[0].image);
    expect(images).toEqual(services.map((service) => `parley/${service}`));
    expect(kustomization.images.map(({ name }: Yaml) => name).sort()).toEqual(images.sort());
  });

  it.each(services)('sets variables that %s reads, to values it takes', (service) => {
    const { env = [] } = manifest('Deployment', service).spec.template.spec.containers[0];
    for (const name of [...Object.keys(environment), ...env.map((entry: Yaml) => entry.name)]) {
      expect(namesOf(service)).toContain(name);
    }
    expect(parseEnv(schemas[service], environment).NATS_URL).toBe(`nats://nats:${natsSetting('port')}`);
    expect(sharedContainer.envFrom).toEqual([{ configMapRef: { name: kustomization.configMapGenerator[0].name } }]);
  });

  it.each([...services, 'nats'])('sends what is for %s to its pods, on ports they have', (name) => {
    const workload = manifest(name === 'nats' ? 'StatefulSet' : 'Deployment', name);
    const { labels } = workload.spec.template.metadata;
    expect(workload.spec.selector.matchLabels).toEqual(labels);
    const service = manifest('Service', name);
    expect(service.spec.selector).toEqual(labels);
    const container = workload.spec.template.spec.containers[0];
    const ports: Yaml[] = name === 'nats' ? container.ports : sharedContainer.ports;
    for (const { port, targetPort } of service.spec.ports) {
      expect(ports).toContainEqual({ name: targetPort, containerPort: port });
    }
  });

  it('listens where the image and the broker do', () => {
    expect(sharedContainer.ports).toEqual([{ name: 'http', containerPort: imagePort }]);
    const broker = manifest('StatefulSet', 'nats').spec.template.spec.containers[0];
    expect(broker.ports.map(({ containerPort }: Yaml) => String(containerPort))).toEqual([
      natsSetting('port'),
      natsSetting('http_port'),
    ]);
    expect(broker.image).toBe(compose.services.nats.image);
  });

  it('probes life at /health and readiness at /ready', () => {
    expect(sharedContainer.startupProbe.httpGet).toEqual({ path: '/health', port: 'http' });
    expect(sharedContainer.livenessProbe.httpGet).toEqual({ path: '/health', port: 'http' });
    expect(sharedContainer.readinessProbe.httpGet).toEqual({ path: '/ready', port: 'http' });
    expect(textOf('libs/stage-kit/src/health.controller.ts')).toContain("@Get('ready')");
  });

  it('patches the container that every Deployment has', () => {
    expect(kustomization.patches).toEqual([{ path: 'service-patch.yaml', target: { kind: 'Deployment' } }]);
    for (const service of services) {
      const names = manifest('Deployment', service).spec.template.spec.containers.map(({ name }: Yaml) => name);
      expect(names).toEqual([sharedContainer.name]);
    }
  });

  it('gives a pod the time to stop, and takes none away before there is another', () => {
    const { lifecycle } = manifest('Deployment', 'gateway').spec.template.spec.containers[0];
    const preStopMs = Number(lifecycle.preStop.exec.command[1]) * 1000;
    expect(preStopMs).toBeGreaterThan(0);
    expect(shared.terminationGracePeriodSeconds * 1000).toBeGreaterThanOrEqual(stopMs(environment) + preStopMs);
    expect(patch.spec.strategy.rollingUpdate).toEqual({ maxUnavailable: 0, maxSurge: 1 });
  });

  it('runs nothing as root, with a writable system or with privileges', () => {
    const broker = manifest('StatefulSet', 'nats').spec.template.spec;
    for (const pod of [shared, broker]) {
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
      expect(pod.containers[0].securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
  });

  it('gives the broker more memory and disk than its streams may take', () => {
    const { template, volumeClaimTemplates } = manifest('StatefulSet', 'nats').spec;
    const { memory } = template.spec.containers[0].resources.limits;
    expect(bytesOf(memory)).toBeGreaterThan(bytesOf(natsSetting('max_memory_store')));
    const { storage } = volumeClaimTemplates[0].spec.resources.requests;
    expect(bytesOf(storage)).toBeGreaterThan(bytesOf(natsSetting('max_file_store')));
  });
});

describe('deployment files', () => {
  it.each([
    'docker-compose.yml',
    '.dockerignore',
    'deploy/Dockerfile',
    'deploy/nats/nats.conf',
    'deploy/README.md',
    'k8s/README.md',
    ...['kustomization', 'service-patch', 'nats', ...services].map((name) => `k8s/base/${name}.yaml`),
  ])('%s names no path of one machine', (path) => {
    expect(textOf(path)).not.toMatch(/\/home\/|\/Users\/|\/work\/|\/var\/run\/docker|[A-Z]:\\/);
  });
});
