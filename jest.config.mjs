// One jest for the whole workspace, in three projects: unit beside the source, int against a real
// nats-server, e2e against the running system. Sources are ES modules, compiled by swc in memory.
const base = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['parley-source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'es6' },
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
      },
    ],
  },
  transformIgnorePatterns: ['/node_modules/'],
  modulePathIgnorePatterns: ['/dist/'],
};

export default {
  projects: [
    {
      ...base,
      displayName: 'unit',
      testMatch: ['<rootDir>/{libs,services,tools,examples}/**/*.spec.ts'],
      testPathIgnorePatterns: ['/node_modules/', '\\.(int|faults)\\.spec\\.ts$'],
    },
    { ...base, displayName: 'faults', testMatch: ['<rootDir>/libs/providers/**/*.faults.spec.ts'] },
    { ...base, displayName: 'int', testMatch: ['<rootDir>/{libs,services,tools,examples}/**/*.int.spec.ts'] },
    { ...base, displayName: 'e2e', testMatch: ['<rootDir>/e2e/**/*.spec.ts'] },
  ],
  testTimeout: 30_000,
};
