import { describe, expect, it } from '@jest/globals';
import { EventHub } from './client-events.js';

const ended = { type: 'session_ended', reason: 'bye' } as const;

describe('EventHub', () => {
  it('tells what it held in order, and what comes while it tells, after it', () => {
    const hub = new EventHub(10);
    const heard: string[] = [];
    hub.on('session_ended', ({ reason }) => {
      heard.push(reason);
      if (reason === 'a') hub.emit('session_ended', { ...ended, reason: 'c' });
    });
    hub.emit('session_ended', { ...ended, reason: 'a' });
    hub.emit('session_ended', { ...ended, reason: 'b' });
    expect(heard).toEqual([]);
    hub.release();
    hub.emit('session_ended', { ...ended, reason: 'd' });
    expect(heard).toEqual(['a', 'b', 'c', 'd']);
  });

  it('refuses what it cannot hold', () => {
    const hub = new EventHub(1);
    expect(hub.emit('event', ended)).toBe(true);
    expect(hub.emit('event', ended)).toBe(false);
    hub.release();
    expect(hub.emit('event', ended)).toBe(true);
  });

  it('no longer tells a handler that was taken off', () => {
    const hub = new EventHub(1);
    hub.release();
    let calls = 0;
    const off = hub.on('event', () => calls++);
    hub.emit('event', ended);
    off();
    off();
    hub.emit('event', ended);
    expect(calls).toBe(1);
  });
});
