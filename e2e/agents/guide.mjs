import { defineAgent } from '@parley/ports';

/** What the scripted model says, by what it is told. */
const script = [
  { when: 'who is there', reply: 'Let me ask. [chef]: The soup is hot.\nThat was the chef.' },
  {
    when: 'long story',
    reply: 'Once upon a time there was a very long story. It went on and on and on. Nobody knew its end.',
  },
  { when: 'dial', reply: 'I dial now.', calls: [{ tool: 'send_digits', args: { digits: '12#' } }], then: 'Done.' },
  { when: 'bye', reply: 'Good bye.', calls: [{ tool: 'hang_up', args: {} }] },
];

/** An agent that greets, lets another speak, dials and hangs up; for the scripted model. */
export const guide = defineAgent({
  name: 'guide',
  instructions: `Guide the caller. <script>${JSON.stringify(script)}</script>`,
  tools: [],
  initialState: {},
  greeting: 'Welcome! How can I help?',
  speakers: { chef: 'scripted' },
  hangUp: true,
  sendDigits: true,
});
