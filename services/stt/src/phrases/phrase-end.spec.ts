import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ENGLISH } from './english.js';
import { phraseEndOf } from './phrase-end.js';

const COMPLETE = `
what is on the menu
i would like two turkey clubs and a soda please
that is all
that's all
that will be all for now
no thank you
yes
no
yeah
okay
yes i do
yes it is
no i can't
i don't know
i think so
of course
never mind
uh huh
how are you
how much is the club
how much is it
where are you
where are you from
who is it for
what is it about
what kind of bread do you have
what do you have
do you have anything without meat
can i get a veggie wrap
could you say that again
is there a discount
are you open on sunday
well do you have soup
hi can i order two coffees
a coffee too
what would you like
good morning
Is it ready?
I'd like a club.
Two coffees, please.
Stop!
`;

const TRAILING = `
i would like
i'd like
i'd like to
I'd like.
I would like a...
A club, a soda,
my number is
my number is five
my number is 555
five five five
it's four one five
double five six
My number is 5. 5. 5.
555 1234
um
i want uh
well
so
so um
it's
and that's
my name is
a turkey club and
a turkey club or
because
i want to go to
can i have
do you have
could i get the
can you
what do you
do you know if
what is the
what time is the train to
how do i get to the
i would like a sandwich with
for example
let me think
hold on
i have
where is my
hello this is
what i want is
yes i would like
I called because
`;

const OPEN = `
please add some chips and a coffee
that is all please confirm my order
two turkey clubs
a veggie wrap
five
table number five
five five five one two three four five six seven
(415) 555-0132
caller seven would like a sandwich
my name is anna
i can log in
i think it is
two for the table by the window
she told me yesterday
`;

const linesOf = (text: string) => text.trim().split('\n');

describe('the end of a phrase in English', () => {
  it.each(linesOf(COMPLETE))('is complete: %s', (text) => expect(phraseEndOf([text], 'en')).toBe('complete'));
  it.each(linesOf(TRAILING))('trails off: %s', (text) => expect(phraseEndOf([text], 'en')).toBe('trailing'));
  it.each(linesOf(OPEN))('does not tell: %s', (text) => expect(phraseEndOf([text], 'en')).toBe('open'));

  it('is that of all that was said in the turn, and a question that of its last words', () => {
    expect(phraseEndOf(['my number', 'is', 'five five'], 'en-US')).toBe('trailing');
    expect(phraseEndOf(['i am hungry', 'what is on the menu'], 'en')).toBe('complete');
    expect(phraseEndOf([], 'en')).toBe('open');
    expect(phraseEndOf(['', ' '], 'en')).toBe('open');
  });

  it('is the same however words are written', () => {
    const said = fc.constantFrom(...linesOf(COMPLETE), ...linesOf(TRAILING), ...linesOf(OPEN));
    fc.assert(
      fc.property(said, (text) => {
        const end = phraseEndOf([text], 'en');
        expect(phraseEndOf([text.toUpperCase()], 'en')).toBe(end);
        expect(phraseEndOf([` ${text.replaceAll("'", '’').replaceAll(' ', '  ')} `], 'en')).toBe(end);
      }),
    );
  });

  it('trails off after a word that needs another, whatever came before', () => {
    const before = fc.array(fc.constantFrom('turkey', 'club', 'five', 'yes', 'hungry'), { maxLength: 6 });
    const needy = fc.constantFrom('and', 'the', 'my', 'because', 'um', 'without', 'your');
    fc.assert(
      fc.property(before, needy, (words, last) => {
        expect(phraseEndOf([[...words, last].join(' ')], 'en')).toBe('trailing');
      }),
    );
  });

  it('is complete after thanks, and after a mark of question', () => {
    fc.assert(
      fc.property(fc.lorem(), fc.constantFrom(' please', ' thank you', '?'), (text, end) => {
        expect(phraseEndOf([text.replace(/\W+$/u, '') + end], 'en')).toBe('complete');
      }),
    );
  });

  it('is found in any text at all', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.constantFrom('en', 'de', ''), (said, language) => {
        expect(['complete', 'trailing', 'open']).toContain(phraseEndOf(said, language));
      }),
    );
  });
});

describe('the end of a phrase in a language without a list of words', () => {
  it.each([
    ['ich möchte ein', 'open'],
    ['Das ist alles.', 'open'],
    ['Was gibt es?', 'complete'],
    ['有什么？', 'complete'],
    ['einen Kaffee,', 'trailing'],
    ['einen Kaffee …', 'trailing'],
  ])('goes by marks alone: %s', (text, end) => expect(phraseEndOf([text], 'de-DE')).toBe(end));
});

describe('the English list', () => {
  it('has no phrase twice, in lower case, and no longer than is looked for', () => {
    const all = [...ENGLISH.complete, ...ENGLISH.trailing, ...ENGLISH.open];
    expect(new Set(all).size).toBe(all.length);
    for (const phrase of all) expect(phrase).toMatch(/^[a-z']+( [a-z']+){0,4}$/u);
  });
});
