/** How many tests came out how. */
export interface TestCount {
  passed: number;
  failed: number;
  skipped: number;
}

/** What jest writes with `--json`, as far as it is read here. */
export interface JestResults {
  numPassedTests: number;
  numFailedTests: number;
  numRuntimeErrorTestSuites: number;
  numPendingTests: number;
  numTodoTests: number;
}

export declare function countJest(results: JestResults | undefined, code: number): TestCount;
export declare function countScenarios(count: TestCount | undefined, code: number): TestCount;
export declare function totalOf(counts: TestCount[]): TestCount;
export declare function totalLine(total: TestCount): string;
