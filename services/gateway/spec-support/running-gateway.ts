import type { AddressInfo } from 'node:net';
import { Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { SessionWriter } from '@parley/bus';
import { CLAIMED_STAGES, type ClaimedStage } from '@parley/contracts';
import { RuntimeModule, type Runtime } from '@parley/stage-kit';
import { HealthRegistry, createLogger, createMetrics } from '@parley/telemetry';
import { FakeBus } from '@parley/testing';
import { GatewayCore } from '../src/gateway-core.js';
import { loadGatewayConfig } from '../src/gateway.config.js';
import { GatewayModule, openDoors } from '../src/gateway.module.js';
import { startStageReplica, type StageReplica } from './stage-replica.js';

@Module({})
class TestModule {}

/** The real application on a free port, with the bus in memory and stages that claim every session offered. */
export class RunningGateway {
  readonly #replicas = new Map<ClaimedStage, StageReplica>();
  /** Writers of the stages that have a session, by `<stage>.<sessionId>`. */
  readonly #writers = new Map<string, SessionWriter>();

  private constructor(
    readonly app: INestApplication,
    readonly bus: FakeBus,
    readonly runtime: Runtime,
  ) {}

  static async start(env: Record<string, string> = {}, stages: readonly ClaimedStage[] = CLAIMED_STAGES) {
    const bus = new FakeBus('gateway-1');
    const config = loadGatewayConfig({ PORT: '0', HOST: '127.0.0.1', ...env });
    const runtime = {
      log: createLogger({ service: 'gateway', level: 'silent' }),
      metrics: createMetrics('gateway', { processMetrics: false }),
      health: new HealthRegistry(),
      bus: Object.assign(bus, { close: async () => {} }),
    } as unknown as Runtime;
    const imports = [RuntimeModule.for(runtime), GatewayModule.for(config)];
    const app = await NestFactory.create({ module: TestModule, imports }, { logger: false, abortOnError: false });
    openDoors(app);
    const gateway = new RunningGateway(app, bus, runtime);
    for (const stage of stages) await gateway.startStage(stage);
    await app.listen(0, '127.0.0.1');
    runtime.health.add('broker', () => bus.ping());
    runtime.health.transition('starting');
    runtime.health.transition('running');
    return gateway;
  }

  get port(): number {
    return (this.app.getHttpServer().address() as AddressInfo).port;
  }

  get core(): GatewayCore {
    return this.app.get(GatewayCore);
  }

  /** A replica of a stage comes up: it is heard of and takes what is offered. */
  async startStage(stage: ClaimedStage): Promise<void> {
    const replica = await startStageReplica(this.bus.as(`${stage}-1`), stage, (sessionId, writer) =>
      this.#writers.set(`${stage}.${sessionId}`, writer),
    );
    this.#replicas.set(stage, replica);
    await this.bus.settled();
  }

  /** Nothing is heard of the stage any more. */
  async stopStage(stage: ClaimedStage): Promise<void> {
    this.#replicas.get(stage)?.silence();
    await this.bus.settled();
  }

  /** What a stage writes to a session that it has claimed. */
  async writer(stage: ClaimedStage, sessionId: string): Promise<SessionWriter> {
    for (let tries = 0; tries < 100; tries++) {
      await this.bus.settled();
      const writer = this.#writers.get(`${stage}.${sessionId}`);
      if (writer) return writer;
    }
    throw new Error(`${stage} has not claimed ${sessionId}`);
  }

  /** One number of `/metrics`: the value of the line that begins so. */
  async metric(line: string): Promise<number> {
    const text = await this.runtime.metrics.text();
    const found = text.split('\n').find((each) => each.startsWith(line) && !each.startsWith('#'));
    return found ? Number(found.split(' ').at(-1)) : 0;
  }

  async stop(): Promise<void> {
    await this.core.registry.drain(0);
    await this.app.close();
    await Promise.all([...this.#replicas.values()].map((replica) => replica.close()));
  }
}
