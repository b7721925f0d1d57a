export { nearestRank } from './gaps.js';
export { machineTimes } from './machine-load.js';
export { readSessionLog } from './session-log.js';
