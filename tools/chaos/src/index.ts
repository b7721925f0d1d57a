export { ChaosError, type ChaosErrorCode } from './chaos-error.js';
export { USAGE, parseOptions, type ChaosOptions } from './options.js';
export { planFaults, planHash, type FaultKind, type FaultStage, type PlannedFault } from './plan.js';
export { planOf, runChaos, type StartChaosSystem } from './run-chaos.js';
export { reportText } from './report-text.js';
export { isOnTime, type ChaosReport } from './report.js';
