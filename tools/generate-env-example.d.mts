import type { EnvVariable } from '@parley/telemetry';

/**
 * The text of `.env.example`.
 *
 * @param input.telemetry variables that every service reads for its logs and traces
 * @param input.variablesOf each service's own variables, the services in the order they are to be listed
 * @param input.ports which variable sets which process's port; those of `npm start` when left out
 */
export declare function renderEnvExample(input: {
  telemetry: EnvVariable[];
  variablesOf: Record<string, EnvVariable[]>;
  ports?: Record<string, { variable: string; defaultPort: number }>;
}): string;
