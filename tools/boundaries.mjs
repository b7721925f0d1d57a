/**
 * The one-way imports of the architecture, and the lint rules made of them. A name stands for `@parley/<name>` and what
 * lies under it; `*` for one word. Tests may import `testing` as well.
 */
export const layers = [
  { root: 'libs/contracts', imports: [] },
  { root: 'libs/audio', imports: [] },
  { root: 'libs/ports', imports: ['contracts', 'audio'] },
  { root: 'libs/providers/*', imports: ['contracts', 'audio', 'ports', 'provider-kit'] },
  { root: 'libs/engines', imports: ['contracts', 'audio', 'ports', 'telemetry', 'provider-*', 'testing/engines'] },
  { root: 'libs/telemetry', imports: ['contracts'] },
  { root: 'libs/session-log', imports: ['contracts'] },
  { root: 'libs/bus', imports: ['contracts', 'telemetry', 'session-log'], vendors: ['@nats-io'] },
  { root: 'libs/stage-kit', imports: ['contracts', 'telemetry', 'bus'], vendors: ['@nestjs'] },
  { root: 'libs/client', imports: ['contracts'] },
  { root: 'libs/testing', imports: ['contracts', 'audio', 'ports', 'bus', 'telemetry', 'testing'] },
  {
    root: 'services/*',
    imports: [
      'contracts',
      'audio',
      'ports',
      'telemetry',
      'bus',
      'session-log',
      'stage-kit',
      'client',
      'engines',
      'provider-*',
      'testing/engines',
      'example-*',
    ],
    vendors: ['@nestjs'],
  },
  { root: 'tools/bench', imports: ['contracts', 'ports', 'bus', 'chaos/measuring', 'testing/engines'] },
  { root: 'tools/cli', imports: ['contracts', 'audio', 'client', 'session-log', 'bus'] },
  {
    root: 'tools/chaos',
    imports: ['contracts', 'audio', 'ports', 'telemetry', 'bus', 'client', 'testing/engines', 'provider-pocketsphinx'],
  },
  {
    root: 'tools/scenarios',
    imports: [
      'contracts',
      'audio',
      'ports',
      'bus',
      'client',
      'session-log',
      'chaos/caller',
      'testing/engines',
      'provider-flite',
      'example-*',
    ],
  },
  { root: 'examples/*', imports: ['ports'] },
];

/** Packages that are imported in the layers that list them, and nowhere else. */
export const guardedVendors = ['@nats-io', '@nestjs'];

const noExportAll = {
  selector: 'ExportAllDeclaration',
  message: 'Export by name: "export *" hides what a package promises.',
};
const sources = '*.{ts,mts,cts,js,mjs,cjs}';
const tests = '*.spec.ts';
// What several tests of a project share; beside src, so that it is not built.
const testSupport = 'spec-support';
// Deeper folders get the deepest one's rule, which is too strict for them rather than absent.
const deepest = 6;

/** ESLint's flat configuration of the boundaries, in core rules alone. */
export const boundaryConfigs = [outsideLayersConfig(), ...layers.flatMap(layerConfigs), ...environmentConfigs()];

/** The layer a project's folder belongs to; undefined for a folder the table does not know. */
export function layerOf(folder) {
  return layers.find(({ root }) => new RegExp(`^${wordsOf(root)}$`).test(folder));
}

/** Whether a project of this layer may depend on this package of ours, be it for a part of it. */
export function mayDependOn(layer, packageName) {
  return layer.imports
    .map((name) => name.split('/')[0])
    .some((name) => new RegExp(`^@parley/${wordsOf(name)}$`).test(packageName));
}

// The layers' own configurations replace this one, so it holds for e2e, tools and the root.
function outsideLayersConfig() {
  return {
    files: [`**/${sources}`],
    rules: restrict([...vendorRestrictions('This folder', guardedVendors), noExportAll]),
  };
}

function layerConfigs(layer) {
  const inTests = { ...layer, imports: [...layer.imports, 'testing'] };
  return Array.from({ length: deepest + 1 }, (_, depth) => {
    const folder = `${layer.root}/${depth === deepest ? '**/' : '*/'.repeat(depth)}`;
    return [
      { files: [`${folder}${sources}`], rules: restrict(importRestrictions(layer, depth)) },
      {
        files: [`${folder}${tests}`, ...supportFiles(layer.root, depth)],
        rules: restrict(importRestrictions(inTests, depth)),
      },
    ];
  })
    .toReversed()
    .flat();
}

function supportFiles(root, depth) {
  if (depth === 0) return [];
  return [`${root}/${testSupport}/${depth === deepest ? '**/' : '*/'.repeat(depth - 1)}${sources}`];
}

function importRestrictions({ root, imports, vendors = [] }, depth) {
  const allowed = imports.map((name) => `${wordsOf(name)}(?:/|$)`).join('|');
  const ours = imports.length > 0 ? `^@parley/(?!${allowed})` : '^@parley/';
  const strangers = guardedVendors.filter((vendor) => !vendors.includes(vendor));
  const list = imports.length > 0 ? imports.map((name) => `@parley/${name}`).join(', ') : 'nothing of ours';
  return [
    forbidImport(ours, `${root} imports ${list} alone (tools/boundaries.mjs).`),
    forbidImport(`^(?:\\./)*(?:\\.\\./){${depth + 1}}`, `A relative import stays inside ${root}.`),
    forbidImport('^(?:/|file:)', 'An import names no absolute path.'),
    ...vendorRestrictions(root, strangers),
    noExportAll,
  ];
}

function vendorRestrictions(root, vendors) {
  return vendors.map((vendor) => forbidImport(`^${vendor}/`, `${root} imports no ${vendor} (tools/boundaries.mjs).`));
}

// One selector for each way to import: static, re-export, dynamic, as a type, by require.
function forbidImport(pattern, message) {
  const regex = `/${pattern.replaceAll('/', '\\u002F')}/`;
  const forms = [
    `:matches(ImportDeclaration, ExportNamedDeclaration, ExportAllDeclaration, ImportExpression)[source.value=${regex}]`,
    `ImportExpression[source.quasis.0.value.raw=${regex}]`,
    `TSImportType[source.value=${regex}]`,
    `TSExternalModuleReference[expression.value=${regex}]`,
    `CallExpression[callee.name='require'][arguments.0.value=${regex}]`,
    `CallExpression[callee.object.name=/^(?:require|jest)$/][arguments.0.value=${regex}]`,
  ];
  return { selector: forms.join(', '), message };
}

function restrict(restrictions) {
  return { 'no-restricted-syntax': ['error', ...restrictions] };
}

function environmentConfigs() {
  const message = 'The environment is read in *.config.ts alone.';
  return [
    {
      files: [`{libs,services,examples}/**/${sources}`],
      ignores: ['**/*.config.ts', '**/*.spec.ts', `**/${testSupport}/**`],
      rules: {
        'no-restricted-properties': [
          'error',
          { object: 'process', property: 'env', message },
          { object: 'globalThis', property: 'process', message: 'Import node:process, or use process.' },
        ],
        'no-restricted-imports': [
          'error',
          ...['node:process', 'process'].map((name) => ({ name, importNames: ['env'], message })),
        ],
      },
    },
  ];
}

function wordsOf(name) {
  return name.replaceAll('*', '[^/]+');
}
