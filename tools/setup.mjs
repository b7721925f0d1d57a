import { checkNode, installDependencies } from './dependencies.mjs';
import { installNativePrograms } from './native-programs.mjs';
import { step } from './progress.mjs';
import { lastLines, run } from './run.mjs';
import { ToolError } from './tool-error.mjs';

/**
 * Brings a machine with nothing but Node.js to where Parley can be built and run, telling each step in a line.
 *
 * @param {{ env: Record<string, string | undefined>, signal?: AbortSignal }} options
 *   env: the configuration that says which native programs are needed; signal: ends what is under way
 * @throws {import('./tool-error.mjs').ToolError} NODE_TOO_OLD, DEPENDENCIES_FAILED, PROGRAMS_MISSING
 */
export async function setUp({ env, signal }) {
  checkNode(process.versions.node);
  await step('Dependencies', () => installDependencies(signal));
  await step('Native programs', () => installNativePrograms(env, signal));
}

/**
 * Builds every project that changed, silently unless it fails.
 *
 * @param {AbortSignal} [signal] ends the build
 * @throws {ToolError} BUILD_FAILED, with what the build printed
 */
export async function build(signal) {
  const args = ['node_modules/.bin/nx', 'run-many', '-t', 'build', '--output-style=static'];
  const { code, output } = await run(process.execPath, args, { quiet: true, signal });
  if (code !== 0) throw new ToolError('BUILD_FAILED', `The build failed:\n${lastLines(output, 60)}`);
}
