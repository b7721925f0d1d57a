// Adds to package-lock.json the optional packages for other platforms that the registry in use does not carry and
// npm therefore leaves out: `npm ci` wants them listed. Run after `npm install`: node tools/complete-lockfile.mjs
import { readFileSync, writeFileSync } from 'node:fs';
const file = process.argv[2] ?? 'package-lock.json';
const lock = JSON.parse(readFileSync(file, 'utf8'));
const os = ['darwin', 'linux', 'win32', 'freebsd', 'android', 'openharmony'],
  cpus = ['arm64', 'x64', 'ia32', 'ppc64', 's390x', 'riscv64', 'loong64', 'arm'];
let n = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const nested = `${path}/node_modules/${name}`,
      top = `node_modules/${name}`;
    if (lock.packages[nested] || lock.packages[top]) continue;
    const words = name.split('/').pop().split('-');
    const o = os.find((x) => words.includes(x));
    const c = cpus.find((x) => words.includes(x) || (x === 'arm' && words.some((w) => w === 'arm')));
    if (!o) {
      console.log('skip', name, version, path);
      continue;
    }
    const libc =
      o === 'linux'
        ? words.some((w) => w.startsWith('musl'))
          ? ['musl']
          : words.some((w) => w.startsWith('gnu'))
            ? ['glibc']
            : undefined
        : undefined;
    lock.packages[top] = {
      version,
      cpu: [c],
      ...(entry.dev ? { dev: true } : {}),
      ...(libc && c !== 'arm' ? { libc } : {}),
      optional: true,
      os: [o],
    };
    console.log(top, version, o, c, libc);
    n++;
  }
}
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).sort(([a], [b]) => (a === '' ? -1 : b === '' ? 1 : a < b ? -1 : 1)),
);
writeFileSync(file, JSON.stringify(lock, null, 2) + '\n');
console.log(n);
