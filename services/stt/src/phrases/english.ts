import type { PhraseWords } from './phrase-words.js';

/** One phrase a line or, where they are single words, many between spaces. */
const words = (text: string): string[] => text.trim().split(/\s+/u);
const phrases = (text: string): string[] =>
  text
    .split(/[,\n]/u)
    .map((phrase) => phrase.trim())
    .filter(Boolean);

/** English, as it is said on the telephone. */
export const ENGLISH: PhraseWords = {
  complete: [
    ...words('please thanks cheers yes yeah yep yup mhm no nope okay ok sure certainly absolutely exactly correct'),
    ...words('hello hi hey bye goodbye too instead everything anything nothing tomorrow today'),
    ...phrases(`
      thank you, thanks a lot, thank you very much, uh huh, mm hmm, of course, all right, alright, got it, i see
      good morning, good afternoon, good evening, good night, good bye, how are you, how do you do
      that is all, that's all, that is it, that's it, that will be all, that'll be all, that would be all, that will do
      nothing else, nothing more, no more, for now, as well, i think so, i guess so, i hope so, i don't think so
      i don't know, i do not know, not really, not yet, never mind, forget it, cancel that, go ahead, sounds good
      that's fine, that is fine, that's right, that is right, that's correct, that is correct, that works
      what do you have, what have you got, what do you do, what else is there, help me, say that again, i'm here, i am here
    `),
  ],
  trailing: [
    // Fillers
    ...words('um umm uhm uh er erm ah eh hm hmm mm well like so'),
    ...phrases(`
      you know, i mean, let me see, let's see, let me think, let me check, let me look, hold on, hang on, wait
      one moment, one second, one sec, just a moment, just a second, just a minute, give me a second, give me a moment
      sort of, kind of
    `),
    // Conjunctions and what begins another clause
    ...words('and or but nor because cause if unless although until till when while whether than as plus also'),
    ...words('maybe perhaps actually basically which whose either firstly including'),
    ...phrases('first of all, for example, such as, and then, as well as, not only'),
    // Prepositions
    ...words(
      'to of for with without at from by in on into onto about between towards toward during under via per near',
    ),
    ...words('against among called named extra'),
    // Articles, possessives and the like
    ...words('a an the my your his our their its every very'),
    // Verbs without what they are said of
    ...words('is are was were will would can could should shall might must may'),
    ...phrases(`
      i would like, i'd like, we would like, we'd like, i want, we want, i need, we need, i prefer, i would prefer, i have
      we have, i had, i have got, i've got, i'll have, i will have, we'll have, i'll take, i will take, we'll take
      can i get, can i have, could i get, could i have, may i have, can we get, can we have, can you tell me
      could you tell me, give me, i think, i guess, i believe, i am, i was, this is, do you have, have you got, do you know
      is there, are there, is it, what about, how about, what if, make it
      my name is, my number is, my address is, my email is, the number is, it starts with
    `),
  ],
  open: phrases(`
    it is, that is, he is, she is, there is, you are, we are, they are, it was, that was, they were
    log in, sign in, check in, come in, go in, log on, turn it on, put it on, go on, come on, eat in, dine in, i think that
    something like that
  `),
  contractions: /^(?:i|you|he|she|it|we|they|that|there|here|what|where|who|how|let)'(?:m|s|re|ve|ll|d)$/u,
  leadIns: new Set(
    words('hi hello hey so and but um uh well okay ok yes yeah no oh then now please sorry thanks also'),
  ),
  questionWords: new Set(words("what what's where where's when why who who's whose which how how's whats")),
  auxiliaries: new Set(
    words(`is are was were am do does did can could will would should shall may have has
      isn't aren't don't doesn't didn't can't couldn't won't wouldn't haven't hasn't`),
  ),
  helpers: new Set(
    words("do does did can could will would should shall may don't doesn't didn't can't couldn't won't"),
  ),
  subjects: new Set(
    words('i you he she it we they there this that these those the a an my your our any some anyone somebody'),
  ),
  pronouns: new Set(words('i you he she it we they')),
  stranded: new Set(words('for from about with to like at in on of')),
  answers: new Set(words('yes yeah yep no nope sure')),
  digits: new Set(words('zero oh o one two three four five six seven eight nine')),
  multiples: new Map([
    ['double', 1],
    ['triple', 2],
  ]),
  numberNames: new Set(words('number code pin zip postcode extension id account phone')),
};
