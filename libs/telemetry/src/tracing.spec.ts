import { afterAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { context, propagation, trace } from '@opentelemetry/api';
import { currentTraceparent, runWithTraceparent } from './trace-context.js';
import { loadTelemetryConfig } from './telemetry.config.js';
import { startTracing } from './tracing.js';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
let collector: Server | undefined;

afterAll(() => {
  collector?.close();
  for (const api of [trace, context, propagation]) api.disable();
});

describe('startTracing', () => {
  it('passes trace context on when no collector is configured', async () => {
    const tracing = await startTracing({ service: 'stt', config: loadTelemetryConfig({}).tracing });
    expect(tracing.enabled).toBe(false);
    expect(currentTraceparent()).toBeUndefined();
    const seen = await runWithTraceparent(TRACEPARENT, async () => {
      await Promise.resolve();
      return trace.getTracer('t').startActiveSpan('work', () => currentTraceparent());
    });
    expect(seen).toBe(TRACEPARENT);
    expect(runWithTraceparent('nonsense', () => currentTraceparent())).toBeUndefined();
    await tracing.shutdown();
  });

  it('exports spans of an incoming trace to the collector before shutdown resolves', async () => {
    const paths: string[] = [];
    const bodies: Buffer[] = [];
    collector = createServer((request, response) => {
      paths.push(request.url ?? '');
      request.on('data', (part: Buffer) => bodies.push(part)).on('end', () => response.end());
    });
    await new Promise<void>((resolve) => collector?.listen(0, '127.0.0.1', resolve));
    const { port } = collector.address() as AddressInfo;
    const { tracing: config } = loadTelemetryConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` });

    const tracing = await startTracing({ service: 'stt', config });
    expect(tracing.enabled).toBe(true);
    const outgoing = runWithTraceparent(TRACEPARENT, () =>
      trace.getTracer('t').startActiveSpan('transcribe', (span) => {
        const traceparent = currentTraceparent();
        span.end();
        return traceparent;
      }),
    );
    await Promise.all([tracing.shutdown(), tracing.shutdown()]);

    expect(outgoing).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/);
    expect(paths).toEqual(['/v1/traces']);
    const sent = Buffer.concat(bodies).toString('latin1');
    expect(sent).toContain('transcribe');
    expect(sent).toContain('parley-stt');
  });
});
