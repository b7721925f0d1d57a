/** What runs beside Node.js, where the configuration needs it. */
export interface NativeProgram {
  name: string;
  /** Debian's packages of it. */
  packages: string[];
  needed(env: Record<string, string | undefined>): boolean;
  present(): boolean;
  /** How to do without. */
  instead: string;
}

export declare const nativePrograms: NativeProgram[];
export declare function findProgram(name: string, path?: string): string | undefined;
export declare function installNativePrograms(
  env: Record<string, string | undefined>,
  signal?: AbortSignal,
): Promise<string>;
export declare function sentenceWithoutApt(missing: NativeProgram[]): string;
export declare function sentenceWithoutRoot(packages: string[]): string;
