import { isPlainWord, likeness, sound, wordsOf } from './hearing.js';
import type { Knowledge } from './knowledge.js';
import { findMentions, type Mention } from './menu-mentions.js';
import { anyQuantity } from './quantities.js';
import type { Counted } from './wording.js';

/** What the caller wants. */
export type Intent =
  | { kind: 'add'; items: Counted[]; thenConfirm: boolean }
  | { kind: 'prices'; mentions: Mention[] }
  | { kind: 'available'; mentions: Mention[] }
  | { kind: 'not_on_menu'; wanted: string }
  | {
      kind:
        | 'menu'
        | 'total'
        | 'read_back'
        | 'change'
        | 'confirm'
        | 'more'
        | 'declined'
        | 'which'
        | 'recommend'
        | 'repeat'
        | 'greeting'
        | 'thanks'
        | 'goodbye'
        | 'unclear';
    };

const ORDERING =
  /\b(id (like|love|have)|i (would|will|d) (like|love|have|take|get)|i want|i need|ill (have|take|get)|(can|could|may) (i|we) (please )?(have|get|order|do)|(give|get|bring) (me|us)|let me (have|get)|(lets|let us) (have|get|do)|well (have|take)|add|order|put)\b/;
const DONE =
  /\b(((thats?|this|it|that|which)( is| will be| ll be| would be| should be|ll be)?|thatll be|itll be) (all|it|everything|be all|be it)\b|all done|im (done|good|finished|ready)|i am (done|good|finished|ready)|were (done|good)|we are done|nothing (else|more)|no more|go ahead|place (the|my|this|that|our) order|check ?out|ready to (pay|order|confirm)|finish (the|my|our|up)|complete (the|my|our)|looks? (good|right)|sounds? (good|right)|thats? (right|correct)|that is (right|correct))/;
const AGREEING = /\b(go ahead|(looks?|sounds?) (good|right)|(thats?|that is) (right|correct|good))\b/g;
const CHANGE =
  /\b(remove|delete|cancel|take .{0,30}\b(off|back)|take (it|that|them|those|this|the|one|two|a|my) .{0,30}\b(out|away)|take (it|that|them) (out|away)|get rid|without|(dont|do not|didnt|did not) (want|need|order|say)|instead|swap|change|replace|make (it|that)|start over|never ?mind|scratch that|less)\b/;

/** Works out what the caller wants from what they said and what was said before. */
export function intentOf(known: Knowledge): Intent {
  const words = wordsOf(known.utterance ?? '');
  const said = words.join(' ');
  const mentions = findMentions(words, known.menu);
  return (
    aboutThisTalk(said, mentions) ??
    aboutMoney(said, mentions) ??
    aboutTheOrder(said, words, mentions, known) ??
    aboutTheMenu(said, words, mentions) ??
    ordering(said, mentions) ??
    answering(said, words, known) ??
    smallTalk(said) ??
    unknownItem(said, words) ?? { kind: 'unclear' }
  );
}

/** Whether this is talk that needs no menu to be understood. */
export function isSmallTalk(utterance: string): boolean {
  const said = wordsOf(utterance).join(' ');
  return said === '' || smallTalk(said) !== undefined || YES.test(said) || NO.test(said);
}

const YES =
  /^(yes|yeah|yep|yup|sure|ok|okay|please|correct|right|absolutely|definitely|of course|fine|great|perfect|do it)( (yes|please|sure|thanks|thank you|do|that is|thats|right|correct|it is|confirm|it|i do|i would|maam|sir))*$/;
const NO =
  /^(no|nope|nah|not|none|nothing)( (no|thanks|thank|you|not|now|really|today|thats|that|is|it|i|im|dont|think|so|good|fine|please|right|yet|for|me))*$/;

function aboutThisTalk(said: string, mentions: Mention[]): Intent | undefined {
  if (mentions.length > 0) return undefined;
  if (
    /\b(repeat that|say (that|it) again|what did you say|pardon|come again|say again|didnt (hear|catch)|did not (hear|catch))\b/.test(
      said,
    )
  )
    return { kind: 'repeat' };
  return undefined;
}

function aboutMoney(said: string, mentions: Mention[]): Intent | undefined {
  const asks = /\b(how much|prices?|costs?|how expensive|what (does|do|is|are|would) .*(cost|come to)|charge)\b/.test(
    said,
  );
  if (asks && mentions.length > 0) return { kind: 'prices', mentions };
  if (
    /\b(total|owe|altogether|all together|in all|the bill|come to|add up|the damage)\b/.test(said) &&
    mentions.length === 0
  )
    return { kind: 'total' };
  if (asks && /\b(that|this|it|everything|all|my order|so far|now)\b/.test(said)) return { kind: 'total' };
  if (asks) return { kind: 'menu' };
  return undefined;
}

function aboutTheOrder(said: string, words: string[], mentions: Mention[], known: Knowledge): Intent | undefined {
  if (CHANGE.test(said)) return { kind: 'change' };
  if (/^(so )?is (that|this|it) (all|everything|it)\b/.test(said)) return { kind: 'read_back' };
  const refused = mentions.some(({ start }) => words[start - 1] === 'no' || words[start - 1] === 'not');
  if (
    refused &&
    !ORDERING.test(said) &&
    !words.includes('please') &&
    !/would you like|anything else/i.test(known.lastReply)
  )
    return { kind: 'change' };
  if (
    mentions.length === 0 &&
    /\b(what (did|have) (i|we)|whats? (is |s )?(on|in) (my|our|the) order|what is my order|whats my order|read (it|that|my|the|back)|repeat (my|the) order|(my|our) order so far|what do i have|what i ordered|order status)\b/.test(
      said,
    )
  )
    return { kind: 'read_back' };
  return undefined;
}

function aboutTheMenu(said: string, words: string[], mentions: Mention[]): Intent | undefined {
  const orders = ORDERING.test(said);
  if (
    /\b(recommend|suggest|suggestion|popular|favou?rite|whats good|what is good|best)\b/.test(said) &&
    mentions.length === 0
  )
    return { kind: 'recommend' };
  const asksFor = /\b((do|dont) you( guys| all)? (have|sell|serve|do|carry|got)|(is|are) there|have you got|got any)\b/;
  if (mentions.length > 0) {
    if (!asksFor.test(said) || ORDERING.test(said.replace(asksFor, ''))) return undefined;
    return { kind: 'available', mentions };
  }
  if (words.some((word) => likeness(sound(word), 'menu') >= 0.75)) return { kind: 'menu' };
  const wanted =
    /\b(?:do you(?: guys| all)? (?:have|sell|serve|do|carry)|is there|are there|have you got|got) (?:any |a |an |the |some )?(.+)$/.exec(
      said,
    );
  if (/^(so |and |well |ok |okay |hi |hello |hey |um |uh )*(what|whats|which|tell me (what|about)|list)\b/.test(said)) {
    if (
      /\b(have|has|got|get|sell|serve|offer|on|there|order|choices?|options?|sandwich(es)?|drinks?|sides?|eat|available|kinds?|sorts?|types?)\b/.test(
        said,
      )
    )
      return { kind: 'menu' };
  }
  const thing = wanted?.[1] ?? '';
  if (/^(sandwich(es)?|drinks?|food|sides?|anything|something|options?|choices?)\b/.test(thing))
    return { kind: 'menu' };
  if (thing && !orders) return { kind: 'not_on_menu', wanted: nounsOf(thing) };
  return undefined;
}

function ordering(said: string, mentions: Mention[]): Intent | undefined {
  // "Go ahead and add a soda" is no more the end than "sounds good, a soda please".
  const decided = mentions.length > 0 ? said.replace(AGREEING, '') : said;
  const done = DONE.test(decided) || asksToConfirm(said);
  if (mentions.length > 0) return { kind: 'add', items: merged(mentions), thenConfirm: done };
  return done ? { kind: 'confirm' } : undefined;
}

/** Speech recognition often hears "conform" or "confirmed". */
function asksToConfirm(said: string): boolean {
  return said.split(' ').some((word) => likeness(sound(word).slice(0, 7), 'konfirm') >= 0.8);
}

/** Words that mean something only as an answer to what was asked. */
function answering(said: string, words: string[], known: Knowledge): Intent | undefined {
  const question = known.lastReply.slice(known.lastReply.search(/[^.!?]*\?[^?]*$/));
  const asked = /confirm/i.test(question)
    ? 'confirm'
    : /try again/i.test(question)
      ? 'again'
      : /would you like (one|some)/i.test(question)
        ? 'offer'
        : /anything else/i.test(question)
          ? 'else'
          : 'open';
  const offered = asked === 'offer' ? merged(findMentions(wordsOf(known.lastReply), known.menu)) : [];
  const quantity = anyQuantity(words);
  if (offered.length > 0 && (YES.test(said) || (quantity !== undefined && words.length <= 6)))
    return { kind: 'add', items: offered.map(({ item }) => ({ item, quantity: quantity ?? 1 })), thenConfirm: false };
  const repeats =
    /\b(same (again|thing|as)|the same|another( one)?|one more|two more|again|(one|two|three|four|five) of (those|them))\b/.test(
      said,
    );
  if ((repeats && words.length <= 8) || (asked === 'again' && YES.test(said))) {
    const last = lastAdded(known);
    if (last.length > 0)
      return {
        kind: 'add',
        items: quantity === undefined ? last : last.slice(-1).map(({ item }) => ({ item, quantity })),
        thenConfirm: false,
      };
  }
  if (YES.test(said)) {
    if (asked === 'else') return { kind: 'more' };
    return known.order.length > 0 ? { kind: 'confirm' } : { kind: 'more' };
  }
  if (NO.test(said)) {
    if (asked === 'else' && known.order.length > 0) return { kind: 'confirm' };
    return { kind: 'declined' };
  }
  return undefined;
}

function smallTalk(said: string): Intent | undefined {
  if (/\b(goodbye|good bye|bye|see you|have a (good|nice|great)|take care|hang up)\b/.test(said))
    return { kind: 'goodbye' };
  if (/^(\w+ ){0,3}(thanks|thank you|cheers|appreciate it)( \w+){0,4}$/.test(said)) return { kind: 'thanks' };
  if (
    /^(well |oh )?(hi|hello|hey|hiya|howdy|good (morning|afternoon|evening|day)|greetings)( (there|hi|hello|again|how are you|how are you doing|is anyone there|anyone there|can you hear me|you|everyone|how|are|doing|today|to))*$/.test(
      said,
    )
  )
    return { kind: 'greeting' };
  if (/^(how are you( doing)?( today)?|can you hear me|(is )?any(one|body) there|are you there)$/.test(said))
    return { kind: 'greeting' };
  return undefined;
}

/** "I'd like a pizza": an order for something that no menu item sounds like. */
function unknownItem(said: string, words: string[]): Intent | undefined {
  if (!ORDERING.test(said)) return undefined;
  const wanted = nounsOf(said.slice(said.search(ORDERING)).replace(ORDERING, ''));
  if (/\b(sandwich|something|food|lunch|drink|order)/.test(said) && wanted === '') return { kind: 'which' };
  if (words.every((word) => isPlainWord(word)) || wanted === '') return { kind: 'which' };
  return { kind: 'not_on_menu', wanted };
}

/** What is left of a phrase without the words around a noun; at most three words. */
function nounsOf(phrase: string): string {
  return wordsOf(phrase)
    .filter((word) => !isPlainWord(word))
    .slice(0, 3)
    .join(' ');
}

function lastAdded(known: Knowledge): Counted[] {
  const adds = known.earlier.filter(({ tool }) => /add/.test(tool));
  const last = adds.at(-1);
  return last ? countedArgs(last.args) : [];
}

/** The item and quantity in a call's arguments, by their types. */
export function countedArgs(args: Record<string, unknown>): Counted[] {
  const values = Object.values(args);
  const item = values.find((value) => typeof value === 'string');
  const quantity = values.find((value) => typeof value === 'number');
  return typeof item === 'string' ? [{ item, quantity: typeof quantity === 'number' ? quantity : 1 }] : [];
}

function merged(mentions: readonly Mention[]): Counted[] {
  const items = new Map<string, number>();
  for (const { item, quantity } of mentions) items.set(item, (items.get(item) ?? 0) + quantity);
  return [...items].map(([item, quantity]) => ({ item, quantity }));
}
