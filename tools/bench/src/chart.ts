import type { BenchReport, MedianStep } from './report.js';

const WIDTH = 760;
const HEIGHT = 320;
const MARGIN = { left: 56, right: 56, top: 32, bottom: 44 };
const LINES = [
  { name: 'added p50, ms', color: '#2f6f4f', of: ({ added }: MedianStep) => added?.p50 },
  { name: 'added p99, ms', color: '#b0413e', of: ({ added }: MedianStep) => added?.p99 },
  { name: 'CPU per call, % of a core x 10', color: '#35618f', of: ({ system }: MedianStep) => system.cpuPercentPerCall * 10 }, // prettier-ignore
] as const;

/** Latency and cost over the number of calls, as SVG. */
export function chartSvg({ steps, machine }: BenchReport): string {
  const known = steps.filter(({ isOnSchedule }) => isOnSchedule);
  const most = Math.max(1, ...known.map(({ calls }) => calls));
  const top = Math.max(10, ...known.flatMap((step) => LINES.map(({ of }) => of(step) ?? 0)));
  const x = (calls: number) => MARGIN.left + (calls / most) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (value: number) => HEIGHT - MARGIN.bottom - (value / top) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const at = ({ calls }: MedianStep, value: number) => `${x(calls).toFixed(1)},${y(value).toFixed(1)}`;
  const lines = LINES.map(({ name, color, of }, index) => {
    const points = known.flatMap((step) => {
      const value = of(step);
      return value === undefined ? [] : [at(step, value)];
    });
    const dots = points.map(
      (point) => `<circle cx="${point.split(',')[0]}" cy="${point.split(',')[1]}" r="3" fill="${color}"/>`,
    );
    const label = `<text x="${MARGIN.left + 10 + index * 220}" y="18" fill="${color}">${name}</text>`;
    return `<polyline fill="none" stroke="${color}" stroke-width="2" points="${points.join(' ')}"/>${dots.join('')}${label}`;
  });
  const ticks = known.map(({ calls }) => `<text x="${x(calls).toFixed(1)}" y="${HEIGHT - 24}" text-anchor="middle">${calls}</text>`); // prettier-ignore
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const value = share * top;
    return `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y(value)}" y2="${y(value)}" stroke="#ddd"/><text x="${MARGIN.left - 6}" y="${y(value) + 4}" text-anchor="end">${Math.round(value)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    ...grid,
    ...lines,
    ...ticks,
    `<text x="${WIDTH / 2}" y="${HEIGHT - 6}" text-anchor="middle">calls, ${machine.cores} cores for all, load included</text>`,
    '</svg>',
    '',
  ].join('\n');
}
