import { beforeEach, describe, expect, it } from '@jest/globals';
import { TurnEvents } from '@parley/testing';
import { samplesOf, silence } from '../spec-support/running-stt-session.js';
import { newClock, spoken, startScripted } from '../spec-support/started-sessions.js';

beforeEach(newClock);

describe('SttSession without frames', () => {
  it('takes 300 ms without a frame for silence and ends the utterance and the turn', async () => {
    const running = await startScripted();
    await running.send(spoken('one club'));
    await running.pass(300);
    expect(running.types).toEqual(['speech.started']);
    await running.pass(1200);
    expect(running.types).toEqual(['speech.started', 'speech.stopped', 'transcript.final', 'turn.ended']);
    expect(running.told.at(-1)).toMatchObject({ text: 'one club' });
  });

  it('puts nothing between frames that come late, and ends no utterance on their account', async () => {
    const running = await startScripted();
    const said = spoken('one turkey club');
    await running.send(said.subarray(0, 9000));
    await running.pass(500);
    await running.send(said.subarray(9000), silence(1000));
    expect(running.types).toEqual(['speech.started', 'speech.stopped', 'transcript.final', 'turn.ended']);
    expect(running.told.at(-1)).toMatchObject({ text: 'one turkey club' });
  });

  it('takes nothing for silence while the gateway is not heard of, or the broker is away', async () => {
    const running = await startScripted();
    const said = spoken('one turkey club');
    await running.send(said.subarray(0, 9000));
    running.gatewayIsThere = false;
    await running.pass(5000);
    running.gatewayIsThere = true;
    running.bus.connected = false;
    await running.pass(5000);
    running.bus.connected = true;
    await running.send(said.subarray(9000), silence(1000));
    expect(running.types).toEqual(['speech.started', 'speech.stopped', 'transcript.final', 'turn.ended']);
    expect(running.told.at(-1)).toMatchObject({ text: 'one turkey club' });
  });

  it('waits for the voice of a caller who has come back by another gateway', async () => {
    const running = await startScripted();
    const said = spoken('one turkey club');
    await running.send(said.subarray(0, 9000));
    running.session.onEvent(new TurnEvents().make('session.resumed', { replica: 'gateway-2' }));
    await running.pass(2500);
    await running.send(said.subarray(9000), silence(1000));
    expect(running.types).toEqual(['speech.started', 'speech.stopped', 'transcript.final', 'turn.ended']);
    expect(running.told.at(-1)).toMatchObject({ text: 'one turkey club' });
  });

  it('waits for a caller whose connection is lost', async () => {
    const running = await startScripted();
    const said = spoken('one turkey club');
    await running.send(said.subarray(0, 9000));
    running.session.onEvent(new TurnEvents().make('session.suspended', { replica: 'gateway-1' }));
    await running.pass(12_000);
    await running.send(said.subarray(9000), silence(1000));
    expect(running.types).toEqual(['speech.started', 'speech.stopped', 'transcript.final', 'turn.ended']);
    expect(running.told.at(-1)).toMatchObject({ text: 'one turkey club' });
  });

  it('takes a caller who has come back and says nothing for silent in the end', async () => {
    const running = await startScripted();
    await running.send(spoken('one club'));
    running.session.onEvent(new TurnEvents().make('session.resumed', { replica: 'gateway-2' }));
    await running.pass(5500);
    expect(running.types.at(-1)).toBe('turn.ended');
  });

  it('counts what never arrived as silence', async () => {
    const running = await startScripted();
    await running.send(spoken('one club'));
    running.pts += samplesOf(800);
    await running.send(silence(200));
    expect(running.types.at(-1)).toBe('turn.ended');
    expect(await running.counted('parley_stt_audio_gap_seconds_total')).toBe(0.8);
  });

  it('stays as it is while nobody has spoken', async () => {
    const running = await startScripted();
    await running.send(silence(100));
    await running.pass(5000);
    expect(running.told).toEqual([]);
  });
});
