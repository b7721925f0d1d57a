export declare function checkNode(version: string): void;
export declare function dependenciesAreCurrent(lockfile: string | undefined, installed: string | undefined): boolean;
export declare function installDependencies(signal?: AbortSignal): Promise<string>;
