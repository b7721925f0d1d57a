import { describe, expect, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { parseScenario, readScenarios, scenarioFiles } from './scenario-file.js';

const FOLDER = fileURLToPath(new URL('../scenarios', import.meta.url));

const head = 'name: A story\n';
const parse = (text: string) => parseScenario(text, 'story.yaml', 'folder/story');

describe('a scenario file', () => {
  it('is read with defaults, and with the lines of its steps', () => {
    const scenario = parse(`${head}steps:\n  - say: hello there\n  - expect: turn_ended\n    with: { turn: 1 }\n`);
    expect(scenario).toMatchObject({ id: 'folder/story', engines: 'scripted', mode: 'voice-to-voice', lines: [3, 4] });
    expect(scenario.steps).toEqual([
      { does: 'say', words: 'hello there', wordGapMs: undefined },
      { does: 'expect', of: 'edge', type: 'turn_ended', with: { turn: 1 }, withinMs: undefined, absent: false, ever: false }, // prettier-ignore
    ]);
  });

  it.each([
    ['commit', { type: 'commit' }],
    ['{ mode: text-to-text }', { type: 'mode', mode: 'text-to-text' }],
    ['{ dtmf: "1#" }', { type: 'dtmf', digits: '1#' }],
    ['{ type: text, text: hello, id: t1 }', { type: 'text', text: 'hello', id: 't1' }],
  ])('sends %s', (said, message) => {
    expect(parse(`${head}steps: [{ send: ${said} }]`).steps).toEqual([{ does: 'send', message }]);
  });

  it.each([
    ['no YAML', 'name: [', /^story\.yaml:1: /],
    [
      'a field that there is not',
      `${head}stepps: []\nsteps: [{ wait_ms: 1 }]`,
      'story.yaml:1: Unrecognized key: "stepps"',
    ],
    [
      'a wrong type in a step',
      `${head}steps:\n  - say: hello\n  - wait_ms: soon`,
      /^story\.yaml:4: steps\[1\]\.wait_ms: /,
    ],
    [
      'a step that does nothing',
      `${head}steps: [{ within_ms: 5 }]`,
      /^story\.yaml:2: steps\[0\]: a step does one thing, of say, /,
    ],
    [
      'a step that does two things',
      `${head}steps: [{ say: a, text: b }]`,
      'story.yaml:2: steps[0]: a step does one thing, this one has say and text',
    ],
    [
      'an event that there is not',
      `${head}steps: [{ expect: turn_over }]`,
      /^story\.yaml:2: steps\[0\]\.expect: not an event that callers are told: there are session_started, /,
    ],
    [
      'a field that no such event has',
      `${head}steps:\n  - expect: turn_ended\n    with: { trascript: tea }`,
      'story.yaml:4: steps[0].with.trascript: turn_ended has type, turn, transcript, eouDelayMs, id',
    ],
    [
      'a moment that there is not',
      `${head}steps: [{ when: sentence two playing }]`,
      /^story\.yaml:2: steps\[0\]\.when: not start, quiet, /,
    ],
    [
      'a pattern that is none',
      `${head}steps: [{ expect_heard: /(/ }]`,
      'story.yaml:2: steps[0].expect_heard: not a regular expression between slashes',
    ],
    [
      'a message that callers cannot send',
      `${head}steps: [{ send: { dtmf: x } }]`,
      /^story\.yaml:2: steps\[0\]\.send: not commit, /,
    ],
    [
      'a tool that there is not',
      `${head}answers: [{ to: a, calls: [{ tool: t }] }]\nsteps: [{ wait_ms: 1 }]`,
      'story.yaml:2: answers[0].calls: there is no tool "t" in tools',
    ],
    [
      'a policy that there is not',
      `${head}agent: { interruption: { mute: sometimes } }\nsteps: [{ wait_ms: 1 }]`,
      /^story\.yaml:2: agent\.interruption\.mute: /,
    ],
    [
      'sentences on a raw socket',
      `${head}door: ws\nsteps: [{ when: sentence 1 playing }]`,
      /^story\.yaml:3: steps\[0\]: a raw WebSocket does not tell sentences/,
    ],
    [
      'a recording for scripted engines',
      `${head}steps: [{ play: menu }]`,
      'story.yaml:2: steps[0]: a recording takes real engines',
    ],
  ])('says file, line and field of %s', (_, text, message) => {
    const said = typeof message === 'string' ? message : (expect.stringMatching(message) as unknown);
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'invalid_file', message: said })); // prettier-ignore
  });

  it('is readable, for every one that there is', () => {
    const scenarios = readScenarios(scenarioFiles([FOLDER]), FOLDER);
    expect(scenarios.length).toBeGreaterThanOrEqual(40);
    expect(scenarios.filter(({ engines }) => engines === 'real').length).toBeGreaterThanOrEqual(8);
    expect(scenarios.map(({ id }) => id)).toContain('interruption/while-thinking');
  });

  it('is refused when it is not there', () => {
    expect(() => scenarioFiles(['no/such/file.yaml'])).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
