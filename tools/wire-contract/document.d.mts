/** An AsyncAPI document, as far as the tests look into it. */
export interface AsyncApiDocument {
  asyncapi: string;
  servers: Record<string, unknown>;
  channels: Record<
    string,
    { address: string; parameters?: Record<string, unknown>; messages: Record<string, unknown> }
  >;
  operations: Record<string, { action: 'send' | 'receive'; channel: { $ref: string }; messages: { $ref: string }[] }>;
  components: { messages: Record<string, { payload: Record<string, unknown> }>; [kind: string]: unknown };
}
/** Builds the AsyncAPI 3.0 document of wire contract v1 from the contracts library. */
export function buildDocument(): AsyncApiDocument;
