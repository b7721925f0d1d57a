/**
 * What stops one of the commands, said in a sentence that tells what to do. `code` is stable:
 * NODE_TOO_OLD, DEPENDENCIES_FAILED, PROGRAMS_MISSING, BUILD_FAILED, PORT_INVALID, PORT_IN_USE, BROKER_UNREACHABLE,
 * BROKER_WITHOUT_JETSTREAM, PROCESS_NOT_READY, PROCESS_EXITED, INSTANCE_UNKNOWN, ARGUMENT_UNKNOWN.
 */
export class ToolError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {ErrorOptions} [options]
   */
  constructor(code, message, options) {
    super(message, options);
    this.name = 'ToolError';
    this.code = code;
  }
}
