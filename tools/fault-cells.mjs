const SUITE = /^fault matrix: (.+)$/;

/**
 * The matrix that a jest run of the fault suites came to. A suite that could not run counts as a failed cell.
 *
 * @param {object | undefined} results what jest wrote with `--json`; undefined when it wrote nothing
 * @returns {{ adapters: Map<string, Map<string, boolean>>, passed: number, failed: number }} by adapter and fault,
 *   whether the cell passed
 */
export function matrixOf(results) {
  const adapters = new Map();
  let [passed, failed] = [0, results?.numRuntimeErrorTestSuites ?? (results ? 0 : 1)];
  for (const { assertionResults } of results?.testResults ?? []) {
    for (const { ancestorTitles, title, status } of assertionResults) {
      const [, adapter] = SUITE.exec(ancestorTitles.at(-1) ?? '') ?? [];
      if (!adapter) continue;
      const cells = adapters.get(adapter) ?? new Map();
      adapters.set(adapter, cells.set(title, status === 'passed'));
      if (status === 'passed') passed++;
      else failed++;
    }
  }
  return { adapters, passed, failed };
}

/** As a table, a line for each adapter, and the counts on the last line. */
export function matrixText({ adapters, passed, failed }) {
  const faults = [...new Set([...adapters.values()].flatMap((cells) => [...cells.keys()]))];
  const width = Math.max(8, ...[...adapters.keys()].map((name) => name.length));
  const mark = (passedCell) => (passedCell === undefined ? '-' : passedCell ? 'ok' : 'FAILED');
  const lines = [...adapters].map(([name, cells]) => {
    const marks = faults.map((fault) => mark(cells.get(fault)).padEnd(fault.length));
    return `${name.padEnd(width)}  ${marks.join('  ')}`;
  });
  const head = `${''.padEnd(width)}  ${faults.join('  ')}`;
  return [head, ...lines, `fault matrix: ${passed} cells passed, ${failed} failed`].join('\n');
}
