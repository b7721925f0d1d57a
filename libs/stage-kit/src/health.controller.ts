import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import type { HealthRegistry, Metrics } from '@parley/telemetry';
import { HEALTH, METRICS } from './runtime.js';

interface Response {
  status(code: number): Response;
  json(body: unknown): void;
}

/** `GET /health`, `/ready` and `/metrics`, the same in every service. */
@Controller()
export class HealthController {
  constructor(
    @Inject(HEALTH) private readonly health: HealthRegistry,
    @Inject(METRICS) private readonly metrics: Metrics,
  ) {}

  /** 200 while the process is worth keeping. */
  @Get('health')
  live(@Res() response: Response): void {
    const report = this.health.liveness();
    response.status(report.status === 'ok' ? 200 : 503).json(report);
  }

  /** 200 while new sessions may come; 503 with what is missing. */
  @Get('ready')
  async ready(@Res() response: Response): Promise<void> {
    const report = await this.health.readiness();
    response.status(report.status === 'ok' ? 200 : 503).json(report);
  }

  /** Prometheus text. */
  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  text(): Promise<string> {
    return this.metrics.text();
  }
}
