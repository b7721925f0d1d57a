/** Whether each cell passed, by adapter and fault. */
export interface FaultMatrix {
  adapters: Map<string, Map<string, boolean>>;
  passed: number;
  failed: number;
}
export function matrixOf(results: object | undefined): FaultMatrix;
export function matrixText(matrix: FaultMatrix): string;
