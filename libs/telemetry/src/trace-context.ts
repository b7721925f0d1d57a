import { ROOT_CONTEXT, context, propagation, type Context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';

let installed = false;

/**
 * Lets W3C trace context travel through this process, with tracing on or off: what came in with a message goes out
 * with what it causes. Costs nothing until a context is entered. May be called again.
 */
export function installTraceContext(): void {
  if (installed) return;
  installed = true;
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
}

/** The active span as a W3C `traceparent`, to send along; undefined when there is none. */
export function currentTraceparent(from: Context = context.active()): string | undefined {
  const carrier: { traceparent?: string } = {};
  propagation.inject(from, carrier);
  return carrier.traceparent;
}

/** The context that a `traceparent` stands for; an empty one for none or one that is not W3C. */
export function contextFrom(traceparent: string | undefined): Context {
  return traceparent ? propagation.extract(ROOT_CONTEXT, { traceparent }) : ROOT_CONTEXT;
}

/** Runs a function, and what it starts, as part of the trace that a `traceparent` names. */
export function runWithTraceparent<T>(traceparent: string | undefined, run: () => T): T {
  return traceparent ? context.with(contextFrom(traceparent), run) : run();
}
