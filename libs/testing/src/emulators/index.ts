export { Emulator, type EmulatedProtocol, type RecordedRequest, type Rejection } from './emulator.js';
export { FAULTS, type Fault } from './faults.js';
export { startAssemblyAiEmulator, type AssemblyAiEmulatorOptions } from './assemblyai.js';
export type { AssemblyAiEmulatedSession } from './assemblyai-session.js';
