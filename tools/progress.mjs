let lineIsOpen = false;

/** Prints one line, on a line of its own even while a step's line is still open. */
export function say(line) {
  process.stdout.write(`${lineIsOpen ? '\n' : ''}${line}\n`);
  lineIsOpen = false;
}

/**
 * Prints `title ... `, does the work, and ends the line with what the work returned (`done` when nothing) and the
 * time it took. A failure ends the line with `failed` and is rethrown.
 */
export async function step(title, work) {
  const startedAtMs = performance.now();
  const end = (outcome) => {
    const line = `${outcome} (${elapsed(performance.now() - startedAtMs)})`;
    process.stdout.write(lineIsOpen ? `${line}\n` : `${title} ... ${line}\n`);
    lineIsOpen = false;
  };
  process.stdout.write(`${title} ... `);
  lineIsOpen = true;
  let outcome;
  try {
    outcome = await work();
  } catch (error) {
    end('failed');
    throw error;
  }
  end(typeof outcome === 'string' ? outcome : 'done');
  return outcome;
}

/** `3.2 s`, or `2 min 5 s` from a minute on. */
export function elapsed(durationMs) {
  if (durationMs < 59_950) return `${(durationMs / 1000).toFixed(1)} s`;
  const seconds = Math.round(durationMs / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
