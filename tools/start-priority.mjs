import { readdirSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';

const behind = constants.priority.PRIORITY_BELOW_NORMAL;
const usual = getPriority();
let allowed;

/**
 * Whether a process may be started at a low priority and raised again: on Linux, with the right to do so. Asked of this
 * process itself, once.
 */
export function mayReprioritize() {
  allowed ??= process.platform === 'linux' && isRaised();
  return allowed;
}

function isRaised() {
  try {
    setPriority(usual + 1);
    setPriority(usual);
    return true;
  } catch {
    return false; // it stays one step lower: not worth a word
  }
}

/** Lets every other process go first. To be called when it has only just been started and has one thread. */
export function putBehind(pid) {
  setPriority(pid, behind);
}

/** Gives a process that was put behind its usual priority, all its threads included. Nothing happens if it is gone. */
export function putLevel(pid) {
  for (const thread of threadsOf(pid)) {
    try {
      setPriority(thread, usual);
    } catch (error) {
      if (error.code !== 'ERR_SYSTEM_ERROR' || error.info?.code !== 'ESRCH') throw error;
    }
  }
}

function threadsOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return []; // it has ended
  }
}
