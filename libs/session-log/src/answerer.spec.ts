import { describe, expect, it } from '@jest/globals';
import { answererOf, isHello, isMachineFor } from './answerer.js';

const lines = (text: string) => text.trim().split('\n');
const EN = { language: 'en', spokenMs: 2000 };

/** As recognisers write them, with marks and without. */
const PEOPLE = lines(`
Hello?
hello
Yes?
Yeah.
Hi.
Hello, hello?
Anna Smith.
Smith residence, this is Anna speaking.
Hi this is Bob, who is this?
hi this is bob who is this
This is Anna.
Speaking.
Good morning, Miller and Sons, how can I help you?
good afternoon doctor lee's office this is mary how may i help you
Thank you for calling Acme, this is Mary. How can I direct your call?
You've reached Acme support, what can I do for you?
you have reached the front desk how can i help
Front desk, can you hold please?
He's not here right now, can I take a message?
she is not available at the moment may i ask who is calling
I'm sorry, he's out of the office. Would you like to leave a message?
do you want to leave a message for him
Hello, who's calling?
Mom, is that you?
What's up?
I'm driving, can I call you back?
No, I am not interested.
Hey, sorry, I was just about to call you, how are you?
Hallo, hier ist Schmidt.
The person you want is in the garden.
`);

const MACHINES = lines(`
Please leave a message after the tone.
Hi, you've reached Anna. I can't come to the phone right now, so please leave a message.
hi you've reached anna i can't come to the phone right now
Hello, this is Bob. I'm not available right now. Leave your name and number and I'll get back to you.
hey it's bob leave me a message
Hi, it's me, you know what to do at the beep.
Your call has been forwarded to an automated voice message system.
your call has been forwarded to voicemail the person you are trying to reach is not available
At the tone, please record your message. When you have finished recording, you may hang up, or press one for more options.
The Verizon Wireless customer you are calling is not available. Please try your call again later.
The person you have called is unavailable right now.
the number you have dialed is not in service
We're sorry, your call cannot be completed as dialed.
The mailbox is full and cannot accept any messages at this time.
the voice mailbox belonging to anna smith
You have reached the voicemail box of five five five one two three four.
Sorry I missed your call.
I'm away from my phone, I'll call you back.
Thanks for calling Miller and Sons. Our office is closed.
Thank you for calling. Our office hours are nine to five.
For sales, press 1. For support, press 2.
for english press one
Please listen carefully as our menu options have recently changed.
This call may be recorded. Calls may be recorded for quality.
You've reached the Smiths. We're not home.
Hi, I am unable to take your call at the moment.
We can’t get to the phone right now.
Hi, if you record your name and reason for calling, I'll see if this person is available.
`);

describe('who answers a call', () => {
  it.each(PEOPLE)('is a person: %s', (text) => {
    expect(answererOf(text, EN)).toBe('person');
    expect(isMachineFor(text, 'en')).toBe(false);
  });

  it.each(MACHINES)('is a machine: %s', (text) => {
    expect(answererOf(text, EN)).toBe('machine');
  });

  it('is a machine when it speaks for long and asks nothing', () => {
    const text = 'It is so good of you to think of us and we would love to hear from you';
    expect(answererOf(text, { language: 'en', spokenMs: 4900 })).toBe('person');
    expect(answererOf(text, { language: 'en', spokenMs: 5000 })).toBe('machine');
    expect(answererOf(`${text}. Who is it?`, { language: 'en', spokenMs: 9000 })).toBe('person');
  });

  it('is told by length and marks alone in a language without a list', () => {
    const text = 'Bitte hinterlassen Sie eine Nachricht nach dem Ton';
    expect(answererOf(text, { language: 'de', spokenMs: 3000 })).toBe('person');
    expect(answererOf(text, { language: 'de', spokenMs: 6000 })).toBe('machine');
    expect(answererOf(`${text}?`, { language: 'de-AT', spokenMs: 6000 })).toBe('person');
  });

  it.each(['en', 'en-GB', 'EN_us'])('goes by the language of the tag %s', (language) => {
    expect(answererOf('Leave a short message.', { language, spokenMs: 1000 })).toBe('machine');
  });

  it.each([
    ['what only a machine says', 'hi this is anna please leave a message', true],
    ['what a person may say too', 'you have reached anna', false],
    ['the beginning of it', 'please leave a', false],
  ])('is known before the end from %s', (_, text, isKnown) => {
    expect(isMachineFor(text, 'en')).toBe(isKnown);
  });
});

/** Where it is known to be wrong: a change of these is a change for the better. */
describe('who answers a call is mistaken', () => {
  it.each(['Hi, this is Anna.', 'Hello?', 'Hey, you know what to do.', 'Hello... ha, got you, I am not really here!'])(
    'for a machine that speaks like a person: %s',
    (text) => expect(answererOf(text, EN)).toBe('person'),
  );

  it.each([
    'Sorry, Anna is not home.',
    "I'm on vacation, goodbye.",
    'Thanks for calling the bakery, this is Tom.',
    'The mailbox? It is on the corner.',
  ])('for a person who speaks like a machine: %s', (text) => expect(answererOf(text, EN)).toBe('machine'));
});

describe('a mere hello', () => {
  it.each(['Hello?', 'Yes?', 'Anna Smith', 'Smith residence, this is Anna speaking.', 'Hi this is Bob, who is this?'])(
    'is %s',
    (text) => expect(isHello(text, 'en')).toBe(true),
  );

  it.each([
    'No, I am not interested.',
    'I told you people not to call me again',
    'Hello, I have been waiting for your call about the car all day.',
  ])('is not %s', (text) => expect(isHello(text, 'en')).toBe(false));

  it('is at most three words in a language without a list', () => {
    expect(isHello('Ja, bitte?', 'de')).toBe(true);
    expect(isHello('Hallo, hier ist Schmidt', 'de')).toBe(false);
  });
});
