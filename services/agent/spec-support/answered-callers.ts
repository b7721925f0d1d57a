import { startStage } from './started-stages.js';

/** A stage with a caller by voice who has said this; the reply, which says the same, is written. */
export async function startAnswered(text: string) {
  const { stage, first } = await startStage();
  const call = await stage.call({ mode: 'voice-to-voice' });
  await call.says(text);
  await call.until('reply.ended');
  return { stage, first, call };
}
