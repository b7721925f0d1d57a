/** Words of a text that a recogniser can be held to: no numbers, which are written and said in different ways. */
export function plainWords(text: string): string[] {
  return text
    .toLowerCase()
    .replace(/[^a-z\s]/gu, ' ')
    .split(/\s+/u)
    .filter((word) => word.length > 1 && !NUMBER.test(word));
}

const NUMBER =
  /^(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand)$/u;

/** Share of the wanted words that were heard, in their order. 1 when none are wanted. */
export function recall(wanted: readonly string[], heard: readonly string[]): number {
  return wanted.length === 0 ? 1 : commonWords(wanted, heard) / wanted.length;
}

/** Length of the longest common subsequence. */
function commonWords(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const word of a) {
    const next = [0];
    b.forEach((other, j) => {
      next.push(word === other ? (row[j] as number) + 1 : Math.max(row[j + 1] as number, next[j] as number));
    });
    row = next;
  }
  return row.at(-1) ?? 0;
}
