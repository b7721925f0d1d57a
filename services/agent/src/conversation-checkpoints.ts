import type { RunnableConfig } from '@langchain/core/runnables';
import { MemorySaver, type Checkpoint, type CheckpointMetadata } from '@langchain/langgraph';

/**
 * Keeps the newest checkpoint of each thread in memory, and no other: a conversation never goes back, and its past
 * is in the session's log.
 */
export class LatestCheckpointSaver extends MemorySaver {
  override async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
  ): Promise<RunnableConfig> {
    const saved = await super.put(config, checkpoint, metadata);
    for (const checkpoints of Object.values(this.storage[config.configurable?.thread_id as string] ?? {}))
      for (const id of Object.keys(checkpoints)) if (id !== checkpoint.id) delete checkpoints[id];
    return saved;
  }

  /** Writes of an unfinished step serve to resume in the middle of it, which a conversation never does. */
  override async putWrites(): Promise<void> {}

  /** How many threads are kept. */
  get threads(): number {
    return Object.keys(this.storage).length;
  }

  /** How many checkpoints are kept. */
  get kept(): number {
    const threads = Object.values(this.storage).flatMap((namespaces) => Object.values(namespaces));
    return threads.reduce((count, checkpoints) => count + Object.keys(checkpoints).length, 0);
  }
}
