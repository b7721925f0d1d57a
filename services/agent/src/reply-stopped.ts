import { EngineError } from '@parley/ports';

/** The caller has interrupted the reply: a tool that is running may be one that is let finish all the same. */
export class ReplyInterrupted extends EngineError {
  constructor() {
    super('engine_aborted', 'the caller interrupted', false);
  }
}
