import {
  MODES,
  type EventType,
  type Mode,
  type ParleyEvent,
  type Payload,
  type SessionPolicy,
} from '@parley/contracts';
import { decideTurn, timePassed, type TurnCommand } from '../src/turn-decision.js';
import { foldTurn } from '../src/fold-turn.js';
import { initialTurnState, speaks, type TurnState } from '../src/turn-state.js';
import { SimulatedCaller } from './simulated-caller.js';
import { SimulatedGateway } from './simulated-gateway.js';
import { TurnEvents } from '@parley/testing';

/** One thing that happens; `n` chooses among its forms. */
export interface Happening {
  what:
    | 'write'
    | 'speak'
    | 'deliver'
    | 'see'
    | 'play'
    | 'stall'
    | 'model'
    | 'late_tool'
    | 'time'
    | 'crash'
    | 'close'
    | 'switch';
  n: number;
}

interface Run {
  reply: number;
  sentences: string[];
  /** The call that has not returned. */
  tool: string | undefined;
  calls: number;
}

const LANES = ['session', 'speech', 'transcript', 'playout'] as const;
type LaneName = (typeof LANES)[number];

/**
 * The agent's fold and decisions in a closed loop with callers, a model and a gateway. Events reach the agent in
 * order within a lane and in any order between lanes, its own at once; all are stored in the order they were written.
 */
export class TurnSimulation {
  readonly log: ParleyEvent[] = [];
  readonly folded: ParleyEvent[] = [];
  readonly turnIds: string[] = [];
  /** Turns that were said and need no answer. */
  readonly unanswered: string[] = [];
  readonly gateway: SimulatedGateway;
  readonly caller: SimulatedCaller;
  state: TurnState = initialTurnState();
  private readonly events = new TurnEvents();
  private readonly lanes: Record<LaneName, ParleyEvent[]> = {
    session: [],
    speech: [],
    transcript: [],
    playout: [],
  };
  private unseen: ParleyEvent[] = [];
  private run: Run | undefined;
  private lateTools: { reply: number; callId: string }[] = [];
  private closed = false;
  /** What the agent waits for. */
  private waiting: Extract<TurnCommand, { type: 'wait' }> | undefined;

  constructor(mode: Mode, policy?: SessionPolicy) {
    this.gateway = new SimulatedGateway((type, payload) => this.write('playout', type, payload), mode);
    this.caller = new SimulatedCaller(
      (type, payload) => this.write(type.startsWith('speech') ? 'speech' : 'transcript', type, payload),
      ({ id }) => this.turnIds.push(id),
    );
    this.lanes.session.push(this.stored(this.events.opened(mode)));
    if (policy) this.write('session', 'session.policy', policy);
  }

  /** Lets something happen, and what follows from it. */
  step({ what, n }: Happening): void {
    if (what === 'write') this.user('session', 'session.text', { text: `text ${n}` });
    else if (what === 'speak' && !this.closed) this.caller.step(n);
    else if (what === 'deliver') this.deliver(LANES[n % LANES.length] as LaneName);
    else if (what === 'see') this.see();
    else if (what === 'play') this.gateway.play(n * 37);
    else if (what === 'stall') this.gateway.stall();
    else if (what === 'model') this.writeReply(n);
    else if (what === 'late_tool') this.returnLateTool();
    else if (what === 'time') this.pass();
    else if (what === 'crash') this.crash();
    else if (what === 'switch') this.switchMode(MODES[n % MODES.length] as Mode);
    else if (what === 'close' && !this.closed) {
      this.write('session', 'session.closed', { reason: 'caller_left' });
      this.closed = true;
    }
  }

  /** Lets everything go on to its end. */
  finish(): void {
    if (!this.closed) this.caller.finish();
    for (let idle = false; !idle;) {
      const before = `${this.log.length}/${this.folded.length}/${this.unseen.length}`;
      for (const lane of LANES) while (this.deliver(lane));
      while (this.pass());
      while (this.see());
      while (this.returnLateTool());
      this.writeReply(3);
      // A gateway whose session is closed plays nothing, and says nothing of it.
      if (!this.closed) this.gateway.play(100_000);
      idle = before === `${this.log.length}/${this.folded.length}/${this.unseen.length}`;
    }
  }

  private user<T extends EventType>(lane: LaneName, type: T, payload: Payload<T>): void {
    if (this.closed) return;
    this.turnIds.push(this.write(lane, type, payload).id);
  }

  private write<T extends EventType>(lane: LaneName, type: T, payload: Payload<T>): ParleyEvent {
    const event = this.stored(this.events.make(type, payload) as ParleyEvent);
    this.lanes[lane].push(event);
    if (lane === 'speech') this.unseen.push(event);
    return event;
  }

  private switchMode(mode: Mode): void {
    if (this.closed) return;
    this.write('session', 'session.mode', { mode });
    this.gateway.switchTo(mode);
  }

  private stored(event: ParleyEvent): ParleyEvent {
    this.log.push(event);
    return event;
  }

  /** Time passes, as long as the agent waits for. */
  private pass(): boolean {
    const { waiting } = this;
    if (!waiting) return false;
    this.waiting = undefined;
    this.state = timePassed(this.state, waiting);
    this.act();
    return true;
  }

  private deliver(lane: LaneName): boolean {
    // Nothing is delivered before the session's opening: the claim is offered behind it.
    const event = this.state.phase === 'opening' ? this.lanes.session.shift() : this.lanes[lane].shift();
    if (!event) return false;
    this.fold(event);
    this.act();
    return true;
  }

  private see(): boolean {
    const event = this.unseen.shift();
    if (event) this.gateway.see(event);
    return event !== undefined;
  }

  private fold(event: ParleyEvent): void {
    this.folded.push(event);
    this.state = foldTurn(this.state, event);
  }

  private emit<T extends EventType>(type: T, payload: Payload<T>): void {
    const event = this.events.make(type, payload) as ParleyEvent;
    this.log.push(event);
    this.unseen.push(event);
    this.fold(event);
  }

  private act(): void {
    if (this.state.phase === 'ended') this.run = undefined;
    this.waiting = undefined;
    for (let command = decideTurn(this.state); command; command = decideTurn(this.state)) {
      if (command.type === 'wait') {
        this.waiting = command;
        break;
      } else if (command.type === 'keep') {
        const { reply, cause, utterance, unanswered } = command;
        this.unanswered.push(...unanswered);
        this.emit('reply.kept', { reply, cause, utterance, unanswered });
      } else if (command.type === 'interrupt') {
        if (this.run?.tool) this.lateTools.push({ reply: this.run.reply, callId: this.run.tool });
        this.run = undefined;
        const { reply, cause } = command;
        this.emit('reply.interrupted', { reply, cause, sentences: 0 });
      } else {
        if (this.run) throw new Error(`reply ${command.reply} begins while ${this.run.reply} is being made`);
        const { reply, turn, userText, answers } = command;
        this.emit('reply.started', { reply, turn, userText, answers, shown: !speaks(this.state) });
        this.run = { reply, sentences: [], tool: undefined, calls: 0 };
      }
    }
    if (this.state.open.length > 0 && !this.state.active)
      throw new Error('a turn is open and nothing is done about it');
  }

  /** The model's next doing: a sentence, a tool call, or the end. */
  private writeReply(n: number): void {
    const { run } = this;
    if (!run) return;
    const { reply, sentences } = run;
    if (run.tool) {
      this.emit('tool.returned', {
        reply,
        callId: run.tool,
        tool: 't',
        ok: true,
        result: n,
        state: { n },
        durationMs: 1,
      });
      run.tool = undefined;
    } else if (n % 5 < 2) {
      sentences.push(`${sentences.length > 0 ? ' ' : ''}Sentence ${n} of ${reply}.`);
      this.emit('reply.sentence', { reply, sentence: sentences.length - 1, text: sentences.at(-1) ?? '', spoken: 'x' });
    } else if (n % 5 === 2) {
      run.tool = `r${reply}c${++run.calls}`;
      this.emit('tool.called', { reply, callId: run.tool, tool: 't', args: { n } });
    } else {
      const outcome = n % 5 === 3 ? 'completed' : 'failed';
      const text = sentences.join('');
      this.emit('reply.ended', { reply, turn: 1, outcome, sentences: sentences.length, text, durationMs: 1 });
      this.run = undefined;
      this.act();
    }
  }

  private returnLateTool(): boolean {
    const late = this.lateTools.shift();
    if (!late || this.state.phase === 'ended') return false;
    this.emit('tool.returned', {
      ...late,
      tool: 't',
      ok: true,
      result: 'late',
      state: { late: late.reply },
      durationMs: 1,
    });
    return true;
  }

  /** A new owner: knows the log and nothing else. */
  private crash(): void {
    this.events.epoch++;
    this.folded.length = 0;
    this.lateTools = [];
    this.run = undefined;
    this.state = initialTurnState();
    for (const lane of Object.values(this.lanes)) lane.length = 0;
    for (const event of this.log) this.fold(event);
    this.act();
    const { active, history } = this.state;
    if (this.run || !active || active.textDone) return;
    const turn = history.find(({ reply }) => reply === active.reply);
    this.run = {
      reply: active.reply,
      sentences: [...(turn?.sentences ?? [])],
      tool: undefined,
      calls: turn?.toolCalls.length ?? 0,
    };
  }
}
