export { USAGE, parseOptions, type ScenariosOptions } from './options.js';
export { reportText, totalOf, type ScenarioCount } from './report-text.js';
export { runMeasure } from './run-measure.js';
export { runScenarios, type ScenariosReport } from './run-scenarios.js';
export { readScenarios, scenarioFiles } from './scenario-file.js';
export type { StartSystem, Surroundings } from './scenario-system.js';
export { ScenariosError, type ScenariosErrorCode } from './scenarios-error.js';
