import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { boundaryConfigs } from './tools/boundaries.mjs';

const nodeGlobals = ['AbortController', 'AbortSignal', 'Buffer', 'URL', 'console', 'fetch', 'performance', 'process']
  .concat(['clearInterval', 'clearTimeout', 'setImmediate', 'setInterval', 'setTimeout'])
  .map((name) => [name, 'readonly']);

export default defineConfig(
  globalIgnores(['**/dist/', '.nx/', '.parley/', 'coverage/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  ...tseslint.configs.recommended,
  {
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-namespace': ['error', { allowDeclarations: true }],
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: { globals: Object.fromEntries(nodeGlobals) },
    rules: { 'no-undef': 'error' },
  },
  {
    // A promise nobody waits for loses its error.
    files: ['{libs,services,tools,examples,e2e}/**/*.ts'],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: { '@typescript-eslint/no-floating-promises': 'error' },
  },
  { files: ['{libs,services}/**/src/**/*.ts'], rules: { 'no-console': 'error' } },
  ...boundaryConfigs,
);
