import { randomUUID } from 'node:crypto';
import { createScriptedSpeechToText } from '../engines/index.js';
import type { Understood } from './deepgram-ear.js';
import { DeepgramLine } from './deepgram-line.js';
import { refusalOfFault, refusalOfRequest } from './deepgram-refusals.js';
import { DeepgramSession, type DeepgramEmulatorOptions, type DeepgramSessionOptions } from './deepgram-session.js';
import { Emulator } from './emulator.js';

/** `Update` comes at least so often, in ms of audio. */
const UPDATE_MS = 240;
/** Silence after which a turn is judged, and after which it is over. */
const EAGER_MS = 160;
const END_MS = 300;
/** Sound that is a turn though nothing was understood yet. */
const SPEECH_MS = 60;

/** Starts a Deepgram that serves Flux models at `/v2/listen`. */
export function startDeepgramFluxEmulator(options: DeepgramEmulatorOptions = {}): Promise<Emulator> {
  const { ears = createScriptedSpeechToText({ latencyMs: 10 }), port, idleMs = 10_000 } = options;
  return Emulator.start(
    {
      rejection: refusalOfFault,
      refusal: (request) => refusalOfRequest(request, '/v2/listen'),
      onSocket(socket, request, fault) {
        new FluxSession({ socket, line: new DeepgramLine(socket, fault), request, ears, idleMs });
      },
    },
    port,
  );
}

class FluxSession extends DeepgramSession {
  private readonly requestId = randomUUID();
  private readonly thresholds: Record<string, number>;
  private sequence = 0;
  private turn = 0;
  private isOpen = false;
  private eagerText: string | undefined;
  private updatedMs = 0;

  constructor(options: DeepgramSessionOptions) {
    super(options);
    const number = (name: string, otherwise: number) => Number(this.query.get(name) ?? otherwise);
    this.thresholds = {
      eot_threshold: number('eot_threshold', 0.7),
      eager_eot_threshold: number('eager_eot_threshold', Infinity),
      eot_timeout_ms: number('eot_timeout_ms', 5000),
    };
    this.line.tell(this.numbered({ type: 'Connected' }));
  }

  protected onInterim(): void {
    const event = this.isOpen ? 'Update' : 'StartOfTurn';
    this.isOpen = true;
    this.sayTurn(event, this.ear.soFar());
  }

  protected async onMoment(): Promise<void> {
    const { ear, thresholds } = this;
    if (this.eagerText !== undefined && ear.silentMs === 0) {
      this.eagerText = undefined;
      this.sayTurn('TurnResumed', ear.soFar());
    }
    if (ear.positionMs - this.updatedMs >= UPDATE_MS) this.sayTurn('Update', ear.soFar());
    if (!this.isOpen) return;
    const confidence = confidenceOf(ear.interim);
    if (
      this.eagerText === undefined &&
      ear.silentMs >= EAGER_MS &&
      confidence >= Number(thresholds.eager_eot_threshold)
    ) {
      this.eagerText = ear.interim;
      this.sayTurn('EagerEndOfTurn', ear.soFar());
    }
    if (ear.silentMs >= Number(thresholds.eot_timeout_ms)) await this.endTurn('timeout');
    else if (ear.silentMs >= END_MS && confidence >= Number(thresholds.eot_threshold)) await this.endTurn('model');
  }

  protected async onText(type: string, message: Record<string, unknown>): Promise<void> {
    this.keepAlive();
    switch (type) {
      case 'ForceEndTurn':
        // Without a turn it is passed over.
        if (this.isOpen || this.ear.loudMs >= SPEECH_MS) await this.endTurn('manual');
        return;
      case 'Configure':
        Object.assign(this.thresholds, message.thresholds);
        return this.line.tell(this.numbered({ type: 'ConfigureSuccess', thresholds: this.thresholds, keyterms: this.query.getAll('keyterm') })); // prettier-ignore
      case 'CloseStream':
        return this.line.close(1000);
      default:
        this.line.tell(
          this.numbered({ type: 'Error', code: 'UNPARSABLE_CLIENT_MESSAGE', description: 'Unknown type.' }),
        );
        this.line.close(1008);
    }
  }

  protected onEmpty(): void {}

  private async endTurn(trigger: string): Promise<void> {
    const understood = await this.ear.cut();
    if (understood.text) {
      if (!this.isOpen) this.sayTurn('StartOfTurn', understood);
      if (this.eagerText !== undefined && this.eagerText !== understood.text) this.sayTurn('TurnResumed', understood);
      this.sayTurn('EndOfTurn', understood, { trigger });
      this.turn++;
    }
    this.isOpen = false;
    this.eagerText = undefined;
  }

  private sayTurn(event: string, { text, words, confidence, startMs, endMs }: Understood, more = {}): void {
    this.updatedMs = this.ear.positionMs;
    this.line.say(
      this.numbered({
        type: 'TurnInfo',
        event,
        turn_index: this.turn,
        audio_window_start: startMs / 1000,
        audio_window_end: endMs / 1000,
        transcript: text,
        words: words.map((each) => ({
          word: each.word,
          confidence,
          start: each.startMs / 1000,
          end: each.endMs / 1000,
        })),
        end_of_turn_confidence: confidenceOf(text),
        ...more,
      }),
    );
  }

  private numbered(message: Record<string, unknown>): Record<string, unknown> {
    return { ...message, request_id: this.requestId, sequence_id: this.sequence++ };
  }
}

/** Flux goes by what is said. */
function confidenceOf(text: string): number {
  if (text === '') return 0;
  return /[.?!]$/.test(text) ? 0.9 : 0.4;
}
