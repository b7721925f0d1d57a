import { describe, expect, it } from '@jest/globals';
import { deliveryOf } from './delivery-subject.js';

describe('the reply subject of a delivery', () => {
  const expected = { streamSeq: 1042, storedAtMs: 1_700_000_000_123 };

  it('tells the place in the stream and the time', () => {
    expect(deliveryOf('$JS.ACK.PARLEY_EVENTS.abc.1.1042.7.1700000000123456789.0')).toEqual(expected);
  });

  it('tells the same with a domain and an account in it', () => {
    expect(deliveryOf('$JS.ACK.hub.AcHash.PARLEY_EVENTS.abc.1.1042.7.1700000000123456789.0.x1')).toEqual(expected);
    expect(deliveryOf('$JS.ACK._.AcHash.PARLEY_EVENTS.abc.1.1042.7.1700000000123456789.0')).toEqual(expected);
  });

  it.each([undefined, '', '$JS.FC.PARLEY_EVENTS.abc.x', '_INBOX.1.2', '$JS.ACK.too.short'])(
    'is none in %s',
    (reply) => {
      expect(deliveryOf(reply)).toBeUndefined();
    },
  );
});
