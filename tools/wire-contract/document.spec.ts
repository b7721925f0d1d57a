import { describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { FRAME_HEADER_BYTES, edgeEventSchema, encodeFrame, kindOf, payloadSchemas, type EventType } from '@parley/contracts'; // prettier-ignore
import { buildDocument } from './document.mjs';
import { FRAME_FIELDS } from './parties.mjs';

const document = buildDocument();

/** Every `$ref` in the document that leads nowhere. */
function danglingRefs(node: unknown, found: string[] = []): string[] {
  if (typeof node !== 'object' || node === null) return found;
  const { $ref } = node as { $ref?: unknown };
  if (typeof $ref === 'string') {
    const target = $ref
      .slice(2)
      .split('/')
      .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], document);
    if (!$ref.startsWith('#/') || target === undefined) found.push($ref);
  }
  for (const inner of Object.values(node)) danglingRefs(inner, found);
  return found;
}

describe('the wire contract document', () => {
  it('is the one that stands in docs/wire-contract', async () => {
    const file = new URL('../../docs/wire-contract/asyncapi.json', import.meta.url);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(document)));
  });

  it('has no reference that leads nowhere', () => {
    expect(danglingRefs(document)).toEqual([]);
  });

  it('has every event once, on the channel of its kind', () => {
    for (const type of Object.keys(payloadSchemas) as EventType[]) {
      const channels = Object.entries(document.channels).filter(([, { messages }]) => type in messages);
      expect(channels.map(([key]) => key)).toEqual([kindOf(type)]);
    }
  });

  it('has every message that callers receive', () => {
    for (const { shape } of edgeEventSchema.options) {
      expect(document.components.messages).toHaveProperty([`edge.${shape.type.value}`]);
    }
  });

  it('uses every message, and somebody sends and somebody reads every channel', () => {
    const used = Object.values(document.channels).flatMap(({ messages }) => Object.keys(messages));
    expect(new Set(used)).toEqual(new Set(Object.keys(document.components.messages)));
    for (const key of Object.keys(document.channels)) {
      const actions = Object.values(document.operations).filter(({ channel }) => channel.$ref === `#/channels/${key}`);
      expect(new Set(actions.map(({ action }) => action))).toEqual(new Set(['send', 'receive']));
    }
  });

  it("declares each address's parameters", () => {
    for (const { address, parameters = {} } of Object.values(document.channels)) {
      expect(Object.keys(parameters)).toEqual([...address.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    }
  });

  it('lets readers meet fields that they do not know', () => {
    expect(JSON.stringify(document.components)).not.toContain('"additionalProperties":false');
  });

  it('lays the frame header out as the codec does', () => {
    const values = { sampleRateHz: 24_000, epoch: 3, seq: 4, reply: 5, sentence: 6, pts: 7 };
    const flags = { lastOfSentence: true, lastOfReply: true, fence: false };
    const bytes = encodeFrame({ codec: 'opus', ...values, ...flags, payload: new Uint8Array() });
    const sizes = { u8: 1, u16: 2, u32: 4 };
    const read = FRAME_FIELDS.map(({ offset, name, type }) => [name, bytes.readUIntLE(offset, sizes[type])]);
    expect(Object.fromEntries(read)).toEqual({ version: 1, codec: 4, ...values, sampleRateHz: 240, flags: 3 });
    expect(FRAME_FIELDS.reduce((sum, { type }) => sum + sizes[type], 0)).toBe(FRAME_HEADER_BYTES);
  });
});
