/** A service (`gateway`, `stt`, `agent`, `tts`), a further replica of it (`stt-2`), or `nats`. */
export type InstanceName = string;

/** Options of Node.js that every service is started with, wherever it runs. */
export declare const memoryArgs: readonly string[];

/** Variables that every service is started with, wherever it runs. */
export declare const memoryEnv: Readonly<Record<string, string>>;

/** The stages that make a whole system, in the order audio passes them. */
export declare const services: readonly ['gateway', 'stt', 'agent', 'tts'];

/** What to start, and how. Everything has a default. */
export interface SystemOptions {
  /**
   * By instance name, or ports that are free at this moment.
   * @defaultValue 'free'
   */
  ports?: 'free' | Record<InstanceName, number>;
  /** Added to this process's environment, for every service. With `NATS_URL` here no broker is started. */
  env?: Record<string, string | undefined>;
  /** Added for one instance alone. */
  serviceEnv?: Record<InstanceName, Record<string, string>>;
  /** Options of Node.js for every process of a service, such as `--cpu-prof`. */
  nodeArgs?: Partial<Record<'gateway' | 'stt' | 'agent' | 'tts', readonly string[]>>;
  /**
   * The broker's monitoring answers HTTP, on the port `natsMonitor`; its URL is among the system's.
   * @defaultValue false
   */
  monitorsBroker?: boolean;
  /** How many processes of a service, named `stt`, `stt-2`, ... Each needs a port, so use it with free ports. */
  replicas?: Partial<Record<'gateway' | 'stt' | 'agent' | 'tts', number>>;
  /**
   * Say nothing: what happens is in logs() alone.
   * @defaultValue false
   */
  quiet?: boolean;
  /** Where warnings, errors and crashes are said. Without it: stderr, or nowhere when quiet. */
  say?: (line: string) => void;
  /**
   * Start a crashed instance again, after 1 s to 10 s. Without it a crashed instance stays down.
   * @defaultValue false
   */
  restartCrashed?: boolean;
  /**
   * Instances have a low priority until they are ready, so that starting one does not take the processor from those
   * that hold calls. Needs `mayReprioritize()`.
   * @defaultValue false
   */
  startsBehind?: boolean;
  /** For the broker's store and `logs/<instance>.log`. Without it: a temporary folder, removed by stop(). */
  dataDir?: string;
  /**
   * How long one instance may take until `GET /ready` answers 200.
   * @defaultValue 60000
   */
  deadlineMs?: number;
  /**
   * How long a service may take to end after SIGTERM before it is killed.
   * @defaultValue 8000
   */
  stopDeadlineMs?: number;
  /** The script that is run as a service. Without it: `services/<service>/dist/main.js`, so build first. */
  mainOf?: (service: string) => string;
  /** Gives up starting, and rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** A running system. */
export interface RunningSystem {
  /** `http://localhost:<port>` by instance name, and `nats`: the broker's URL. */
  urls: Record<InstanceName, string> & Record<'nats' | 'gateway' | 'stt' | 'agent' | 'tts', string>;
  /** SIGTERM to the services, SIGKILL to those that take too long, then the broker. May be called twice. */
  stop(): Promise<void>;
  /** SIGKILL to one instance; it stays down until restart(). Resolves when it is gone. */
  kill(instance: InstanceName): Promise<void>;
  /** SIGSTOP to one instance: it keeps its sockets and answers nothing until resume(). */
  pause(instance: InstanceName): void;
  /** SIGCONT after pause(); resolves when the instance is ready again. */
  resume(instance: InstanceName): Promise<void>;
  /** Stops the instance if it runs, starts it on the same port and store, and resolves when it is ready. */
  restart(instance: InstanceName): Promise<void>;
  /** The last 500 lines the instance printed, as text. */
  logs(instance: InstanceName): string;
  /** Process ids of the instances that run. */
  pids(): Record<InstanceName, number>;
}

/**
 * Starts a broker and the four services as processes of their own, and resolves when all of them are ready. When one
 * cannot be started everything is stopped again. The processes do not outlive this one, however it ends.
 *
 * @throws ToolError with `code` PORT_IN_USE, BUILD_FAILED (no `dist/main.js`), PROCESS_EXITED, PROCESS_NOT_READY (both
 * with the last lines of the log), BROKER_UNREACHABLE, BROKER_WITHOUT_JETSTREAM; INSTANCE_UNKNOWN from kill, pause,
 * resume, restart and logs
 */
export declare function startSystem(options?: SystemOptions): Promise<RunningSystem>;
