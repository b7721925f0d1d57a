/** The rate that loses nothing of what is wanted: the wanted one, else the lowest above it, else the highest there is. */
export function nearestRate(ratesHz: readonly number[], wantedHz: number): number {
  const above = ratesHz.filter((rate) => rate >= wantedHz);
  return above.length > 0 ? Math.min(...above) : Math.max(...ratesHz);
}
