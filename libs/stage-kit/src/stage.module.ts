import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { SessionHost, type SessionHostOptions } from './session-host.js';
import { HOST_OPTIONS, LOG, METRICS, SESSION_BUS, STAGE_LOGIC } from './runtime.js';

/** A stage that claims sessions: give it the stage's logic, and it hosts the sessions. */
@Module({})
export class StageModule {
  /** @param logic provider of the stage's {@link StageLogic}, without its token */
  static for(options: SessionHostOptions, logic: Pick<StageLogicProvider, 'useFactory' | 'inject'>): DynamicModule {
    const providers: Provider[] = [
      { provide: HOST_OPTIONS, useValue: options },
      { provide: STAGE_LOGIC, ...logic },
      {
        provide: SessionHost,
        useFactory: (...args: ConstructorParameters<typeof SessionHost>) => new SessionHost(...args),
        inject: [HOST_OPTIONS, SESSION_BUS, STAGE_LOGIC, METRICS, LOG],
      },
    ];
    return { module: StageModule, providers, exports: [SessionHost] };
  }
}

interface StageLogicProvider {
  // Nest passes whatever `inject` names.
  useFactory: (...args: never[]) => unknown;
  inject: symbol[];
}
