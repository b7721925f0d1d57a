/**
 * What a jest run came to. A suite that could not run counts as a failure, and so does a run that ended badly or ran
 * nothing, whatever it says about its tests.
 *
 * @param {object | undefined} results what jest wrote with `--json`; undefined when it wrote nothing
 * @param {number} code what jest exited with
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
export function countJest(results, code) {
  const passed = results?.numPassedTests ?? 0;
  const failed = (results?.numFailedTests ?? 0) + (results?.numRuntimeErrorTestSuites ?? 0);
  const skipped = (results?.numPendingTests ?? 0) + (results?.numTodoTests ?? 0);
  return withItsEnd({ passed, failed, skipped }, code);
}

/**
 * What a run of scenarios came to; one that ended badly or ran none counts as a failure.
 *
 * @param {{ passed: number, failed: number, skipped: number } | undefined} count what it wrote; undefined for nothing
 * @param {number} code what it exited with
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
export function countScenarios(count, code) {
  return withItsEnd({ passed: 0, failed: 0, skipped: 0, ...count }, code);
}

function withItsEnd({ passed, failed, skipped }, code) {
  const endedBadly = failed === 0 && (code !== 0 || passed === 0);
  return { passed, failed: endedBadly ? 1 : failed, skipped };
}

/** The sum over all steps. */
export function totalOf(counts) {
  const sum = (key) => counts.reduce((total, count) => total + count[key], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

/** `Tests: 12 passed, 0 failed`, and how many were skipped if any. */
export function totalLine({ passed, failed, skipped }) {
  return `Tests: ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
