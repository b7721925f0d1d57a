export declare const portVariables: Record<string, { variable: string; defaultPort: number }>;
export declare function portsFromEnv(env: Record<string, string | undefined>): Record<string, number>;
export declare function checkPortsAreFree(ports: Record<string, number>): Promise<void>;
export declare function freePorts(count: number): Promise<number[]>;
