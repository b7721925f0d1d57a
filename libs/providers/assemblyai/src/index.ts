export { createAssemblyAi, type AssemblyAiOptions } from './create-assembly-ai.js';
