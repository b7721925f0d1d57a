import { runService, type ServiceOptions } from './service.js';
import { SessionHost } from './session-host.js';
import type { StageLogic } from './stage-logic.js';
import { StageModule } from './stage.module.js';
import { LOG, METRICS } from './runtime.js';
import type { ClaimedStage } from '@parley/contracts';
import type { Log, Metrics } from '@parley/telemetry';

/** A claiming stage as a process. */
export interface StageServiceOptions {
  stage: ClaimedStage;
  config: ServiceOptions['config'] & {
    CAPACITY: number;
    ORPHAN_AFTER_MS: number;
    POISON_AFTER: number;
    PROBATION_MS: number;
    FOLD_CHECK_MS: number;
  };
  /** Makes the stage's logic. */
  logic(log: Log, metrics: Metrics): StageLogic | Promise<StageLogic>;
}

/** A claiming stage as {@link startService} runs it. */
export function stageService({ stage, config, logic }: StageServiceOptions): ServiceOptions {
  return {
    stage,
    config,
    imports: () => [
      StageModule.for(
        {
          stage,
          capacity: config.CAPACITY,
          orphanAfterMs: config.ORPHAN_AFTER_MS,
          poisonAfter: config.POISON_AFTER,
          probationMs: config.PROBATION_MS,
          foldCheckMs: config.FOLD_CHECK_MS,
        },
        { useFactory: logic, inject: [LOG, METRICS] },
      ),
    ],
    start: async (app) => {
      const host = app.get(SessionHost);
      await host.start();
      return {
        load: () => ({ sessions: host.size, capacity: config.CAPACITY }),
        drain: () => host.drain(),
      };
    },
  };
}

/** Runs a claiming stage as this process; see {@link runService}. */
export function runStage(readOptions: () => StageServiceOptions): Promise<void> {
  return runService(() => stageService(readOptions()));
}
