import { describe, expect, it } from '@jest/globals';
import { EngineError, type EngineErrorCode } from '@parley/ports';
import { askModel, eventually } from '@parley/testing';
import type { ModelStep } from '@parley/testing/engines';
import { chainOf, used } from '../spec-support/fallback-chain.js';

const fails = (code: EngineErrorCode = 'engine_unavailable') => new EngineError(code, 'test', true);
const late = (ms: number): ModelStep => ({ waitMs: ms });
const hedgeAfterMs = 40;

describe('FallbackChatModel with a second request', () => {
  it('takes the answer of the second model when it begins first, and aborts the first one', async () => {
    const { model, models, told } = chainOf([[[used(3), late(20_000), 'One.']], [['Two.']]], { hedgeAfterMs });
    expect((await askModel(model, 'hi')).whole?.text).toBe('Two.');
    expect(told).toEqual(['hedge b won', 'a used 3', 'b succeeded']);
    await eventually(() => models[0].asked[0]?.wasAborted, { what: 'end of the first request' });
  });

  it('takes the answer of the first model when it begins after all, and aborts the second one', async () => {
    const { model, models, told } = chainOf([[[late(120), 'One.']], [[late(20_000), 'Two.']]], { hedgeAfterMs });
    expect((await askModel(model, 'hi')).whole?.text).toBe('One.');
    expect(told).toEqual(['hedge b lost', 'a succeeded']);
    await eventually(() => models[1]?.asked[0]?.wasAborted, { what: 'end of the second request' });
  });

  it('makes no second request for a model that begins in time, however long its answer takes', async () => {
    const { model, models } = chainOf([[['One ', late(120), 'two.']], [['Never.']]], { hedgeAfterMs });
    expect((await askModel(model, 'hi')).whole?.text).toBe('One two.');
    expect(models[1]?.asked).toEqual([]);
  });

  it('makes none without a second model', async () => {
    const { model, told } = chainOf([[[late(80), 'One.']]], { hedgeAfterMs });
    expect((await askModel(model, 'hi')).whole?.text).toBe('One.');
    expect(told).toEqual(['a succeeded']);
  });

  it('stays with the second model when the first one fails meanwhile', async () => {
    const { model, models, told } = chainOf([[[late(80), fails()]], [[late(120), 'Two.']]], { hedgeAfterMs });
    expect((await askModel(model, 'hi')).whole?.text).toBe('Two.');
    expect(told.slice(0, 3)).toEqual(['hedge b won', 'a failed: engine_unavailable', 'a to b for engine_unavailable']);
    expect(models[1]?.asked).toHaveLength(1);
  });

  it('stays with the first model when the second one fails', async () => {
    const { model, told } = chainOf([[[late(150), 'One.']], [[fails('engine_busy')]]], { hedgeAfterMs });
    expect((await askModel(model, 'hi')).whole?.text).toBe('One.');
    expect(told).toEqual(['hedge b lost', 'b failed: engine_busy', 'a succeeded']);
  });

  it('asks a third model when both fail', async () => {
    const { model, told } = chainOf([[[late(200), fails()]], [[late(150), fails()]], [['Three.']]], {
      hedgeAfterMs: 120,
    });
    expect((await askModel(model, 'hi')).whole?.text).toBe('Three.');
    expect(told.filter((what) => what.includes('failed'))).toHaveLength(2);
  });

  it('ends both requests when one is refused for good', async () => {
    const { model, models, told } = chainOf([[[late(90), fails('engine_input')]], [[late(20_000)]]], { hedgeAfterMs });
    await expect(askModel(model, 'hi')).rejects.toMatchObject({ code: 'engine_input' });
    expect(told).toEqual(['hedge b lost', 'a failed: engine_input']);
    await eventually(() => models[1]?.asked[0]?.wasAborted, { what: 'end of the second request' });
  });

  it('can still go on with a model whose second request was in vain', async () => {
    const { model, models, told } = chainOf([[[late(120), 'One ', fails()]], [[late(20_000)], ['two.']]], { hedgeAfterMs }); // prettier-ignore
    expect((await askModel(model, 'hi')).whole?.text).toBe('One two.');
    expect(models[1]?.asked).toHaveLength(2);
    expect(told.at(-1)).toBe('b succeeded');
  });

  it('makes a second request for what is to go on, too', async () => {
    const { model, models } = chainOf([[['One ', fails()]], [[late(20_000)]], [['two.']]], { hedgeAfterMs });
    expect((await askModel(model, 'hi')).whole?.text).toBe('One two.');
    expect(models[2]?.asked[0]?.messages[1]?.text).toBe('One ');
  });
});
