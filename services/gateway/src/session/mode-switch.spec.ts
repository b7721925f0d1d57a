import { describe, expect, it } from '@jest/globals';
import { setUpCall as setUp } from '../../spec-support/call-setup.js';

describe('a session whose mode changes', () => {
  it('has voice both ways where it had none, with each stage offered once', async () => {
    const { clock, bus, caller, session, sessionId, offers, started, ended, speak, switchTo } =
      await setUp('text-to-text');
    expect(session.audio(Buffer.alloc(640))).toBe('audio_not_expected');
    await switchTo('voice-to-voice');
    expect(caller.events.at(-1)).toEqual({ type: 'mode_changed', mode: 'voice-to-voice' });
    expect(bus.events(sessionId, 'session.mode')).toMatchObject([{ mode: 'voice-to-voice' }]);
    expect(session.audio(Buffer.alloc(1280))).toBeUndefined();
    expect(bus.frames(sessionId, 'in').map(({ pts }) => pts)).toEqual([320]);
    await started(1, false);
    await speak(1, 3200);
    await ended(1);
    clock.advance(300);
    expect(caller.audio).toHaveLength(10);
    await switchTo('text-to-text');
    await switchTo('text-to-voice');
    await switchTo('voice-to-text');
    expect(offers).toEqual(['agent', 'stt', 'tts']);
  });

  it('drops voice that was on its way when it changed to writing, and tells of it only later', async () => {
    const { clock, caller, session, switchTo } = await setUp('voice-to-voice');
    await switchTo('text-to-voice');
    expect(session.audio(Buffer.alloc(640))).toBe('audio_not_expected');
    expect(caller.events.filter(({ type }) => type === 'error')).toEqual([]);
    clock.advance(1000);
    session.audio(Buffer.alloc(640));
    expect(caller.events.filter(({ type }) => type === 'error')).toHaveLength(1);
  });

  it('to text stops the voice that plays, and the reply goes on as text', async () => {
    const { clock, bus, caller, started, ended, speak, switchTo, playoutsEnded } = await setUp('voice-to-voice');
    await started(1, false);
    await speak(1, 32_000);
    clock.advance(300);
    await switchTo('voice-to-text');
    const sent = caller.audio.length;
    await speak(1, 48_000);
    await ended(1);
    clock.advance(20_000);
    await bus.settled();
    expect(caller.audio).toHaveLength(sent);
    expect(caller.heard.filter((each) => !each.startsWith('stage_unavailable')).slice(1)).toEqual([
      'reply_started',
      'playout_started',
      'audio_flush',
      'playout_ended',
      'mode_changed',
      'agent_chunk',
      'agent_end',
    ]);
    expect(playoutsEnded()).toMatchObject([{ reply: 1, outcome: 'interrupted', playedMs: 300, shown: true }]);
  });

  it('tells of a reply that nobody will hear any more that it is read, also when it comes late', async () => {
    const { started, switchTo, playoutsEnded } = await setUp('voice-to-voice');
    await switchTo('voice-to-text');
    await started(1, false);
    expect(playoutsEnded()).toMatchObject([{ reply: 1, shown: true, playedMs: 0 }]);
    await started(2, true);
    expect(playoutsEnded()).toHaveLength(1);
  });

  it('to voice waits for no voice of a reply that is shown, and plays the next', async () => {
    const { clock, caller, started, ended, speak, switchTo, playoutsEnded } = await setUp('text-to-text');
    await started(1, true);
    await switchTo('text-to-voice');
    await ended(1);
    await started(2, false);
    await speak(2, 3200);
    await ended(2);
    clock.advance(300);
    expect(playoutsEnded()).toMatchObject([{ reply: 2, outcome: 'completed' }]);
    expect(new Set(caller.audio.map(({ info }) => info.reply))).toEqual(new Set([2]));
  });

  it('stores what is written after the switch behind it', async () => {
    const { bus, session, sessionId } = await setUp('text-to-text');
    void session.message({ type: 'mode', mode: 'text-to-voice' });
    await session.message({ type: 'text', text: 'hi' });
    const types = bus.events(sessionId).flatMap(({ type }) => (/^session\.(mode|text)/.test(type) ? [type] : []));
    expect(types).toEqual(['session.mode', 'session.text']);
  });

  it('stays as it is when the log does not take the switch', async () => {
    const { bus, caller, session } = await setUp('voice-to-text');
    const { writer } = session as unknown as { writer: { publish: unknown } };
    writer.publish = () => Promise.reject(new Error('no broker'));
    await expect(session.message({ type: 'mode', mode: 'text-to-text' })).rejects.toMatchObject({
      code: 'bus_unavailable',
    });
    expect(session.audio(Buffer.alloc(640))).toBeUndefined();
    await bus.settled();
    expect(caller.heard).not.toContain('mode_changed');
  });

  it('keeps its count of the samples of a caller who goes on speaking', async () => {
    const { bus, session, sessionId, switchTo } = await setUp('voice-to-voice');
    session.audio(Buffer.alloc(640));
    await switchTo('text-to-voice');
    session.audio(Buffer.alloc(640));
    await switchTo('voice-to-voice');
    session.audio(Buffer.alloc(1280));
    expect(bus.frames(sessionId, 'in').map(({ pts }) => pts)).toEqual([0, 640]);
  });

  it('is resumed in its last mode, and what was played is shown then', async () => {
    const { clock, bus, session, sessionId, offers, started, speak, switchTo, resume, playoutsEnded } =
      await setUp('text-to-text');
    await switchTo('voice-to-voice');
    await started(1, false);
    await speak(1, 32_000);
    clock.advance(300);
    session.suspend();
    // As a gateway does that dies between the two.
    await bus.writer({ stage: 'gateway', sessionId, epoch: 1 }).publish('session.mode', { mode: 'text-to-text' });
    const again = await resume('1.0.4800');
    expect(again.caller.events[0]).toMatchObject({ type: 'session_resumed', mode: 'text-to-text' });
    expect(playoutsEnded()).toMatchObject([{ reply: 1, shown: true, epoch: 2 }]);
    expect(again.session.audio(Buffer.alloc(640))).toBe('audio_not_expected');
    await switchTo('voice-to-voice', again.session);
    expect(offers).toEqual(['agent', 'stt', 'tts']);
    await started(2, false);
    await speak(2, 3200);
    clock.advance(300);
    expect(again.caller.audio).toHaveLength(10);
  });
});
