import { styleText } from 'node:util';

const STYLES = { trace: 'gray', debug: 'gray', info: 'green', warn: 'yellow', error: 'red', fatal: 'red' } as const;

/** Turns one JSON log line into one for people: `12:30:01.250 INFO  stt session claimed sessionId=01j…`. */
export function prettyLine(json: string, color: boolean): string {
  let line: Record<string, unknown>;
  try {
    line = JSON.parse(json) as Record<string, unknown>;
  } catch {
    return json;
  }
  const { level, time, service, msg, err, ...fields } = line;
  const paint = (style: Parameters<typeof styleText>[0], text: string) => (color ? styleText(style, text) : text);
  const name = String(level);
  const parts = [
    paint('gray', String(time).slice(11, 23)),
    paint(STYLES[name as keyof typeof STYLES] ?? 'white', name.toUpperCase().padEnd(5)),
    paint('cyan', String(service ?? '')),
    String(msg ?? ''),
    ...Object.entries(fields).map(([key, value]) => `${paint('gray', `${key}=`)}${valueText(value)}`),
  ];
  return `${parts.filter(Boolean).join(' ')}\n${err ? errorText(err) : ''}`;
}

function valueText(value: unknown): string {
  return typeof value === 'string' && !/\s/.test(value) ? value : JSON.stringify(value);
}

function errorText(err: unknown): string {
  let text = '';
  let current = err as { type?: string; code?: string; message?: string; stack?: string; cause?: unknown } | undefined;
  for (let lead = '  '; current; lead = '  caused by ', current = current.cause as typeof current) {
    const head = `${current.type}${current.code ? ` [${current.code}]` : ''}: ${current.message}`;
    const frames = (current.stack ?? '').split('\n').filter((row) => /^\s+at /.test(row));
    text += `${[lead + head, ...frames].join('\n')}\n`;
  }
  return text;
}
