/** Resolves when the work is done, or after a time if one is given. */
export async function within(ms: number | undefined, work: Promise<void> | undefined): Promise<void> {
  if (ms === undefined) return work;
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([work, new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}
