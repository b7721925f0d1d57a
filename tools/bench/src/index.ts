export { BenchError, type BenchErrorCode } from './bench-error.js';
export { chartSvg } from './chart.js';
export { USAGE, parseOptions, type BenchOptions } from './options.js';
export { compareText, reportMarkdown } from './report-text.js';
export { type BenchReport } from './report.js';
export { runBench } from './run-bench.js';
