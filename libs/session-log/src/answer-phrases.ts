/** What people and machines say when they answer a telephone, as patterns over words in lower case without marks. */
export interface AnswerPhrases {
  /** Nobody but a machine says this. */
  machine: RegExp;
  /** A machine says this, and so may a person who then asks something. */
  either: RegExp;
  /** Somebody asks, and so waits for an answer. */
  question: RegExp;
  /** A person's words that hold one of a machine's phrases: they count for nothing. */
  person: RegExp;
  /** How people begin who say no more than that they are there. */
  hello: RegExp;
}

const anyOf = (...patterns: string[]) => new RegExp(`(?<![\\p{L}'])(?:${patterns.join('|')})(?![\\p{L}'])`, 'gu');

const ENGLISH: AnswerPhrases = {
  machine: anyOf(
    // What to do.
    "(?:leave|leaving|record) (?:[\\p{L}']+ ){1,4}(?:message|messages|name|number|details|voicemail)",
    '(?:after|at|wait for|hear) the (?:[\\p{L}]+ )?(?:tone|beep|signal)',
    'at the sound of',
    'press (?:\\d|one|two|three|four|five|six|seven|eight|nine|zero|star|pound|hash|the|any)',
    'press or say',
    'dial (?:\\d|zero|by name)',
    '(?:finished|done) recording|start recording|hang up or|you may hang up|stay on the line|record your',
    // Who speaks.
    'voice ?mail|voice messaging|voice message system|mail ?box|answering (?:machine|service)|automated',
    'virtual (?:assistant|receptionist)|call screening|google voice|google assistant',
    // Why nobody else does.
    "(?:can not|cannot|can't|could not|couldn't|unable to|not able to|isn't able to) (?:take|answer|come to|get to|pick up) (?:your|the|my|a) (?:call|phone)",
    "the (?:person|party|number|customer|subscriber|user|wireless customer|mobile customer) (?:that )?(?:you|you're|you've|you have|you are) (?:called|calling|dialed|dialled|trying|reached)",
    'not in service|no longer in service|has been disconnected|has been changed|can ?not be completed',
    '(?:call|you) (?:has|have) been forwarded',
    '(?:our|regular|normal|opening|office|business) hours(?: of operation)? are|(?:options|menu) have(?: recently)? changed|following options',
    'calls? (?:may|will|can) be (?:recorded|monitored|answered)|your call is (?:very )?important',
    'sorry (?:i|we) missed your call|missed your call',
  ),
  either: anyOf(
    "you(?:'ve| have)? reached",
    '(?:not|currently not) available|unavailable',
    "(?:not|isn't|aren't) (?:here|home|in|at home|at my desk|in the office|around|near the phone)",
    'away from|out of (?:the )?(?:office|town)|on (?:vacation|holiday|another call|the other line)',
    'get back to you|return your call|call you back|call us back|try (?:your call )?again later|call again later',
    'currently closed|(?:office|store|clinic) is closed|we are closed',
    'thank you for calling|thanks for calling',
    'leave (?:a )?(?:message|voicemail)',
  ),
  question: anyOf(
    "who(?:'s| is| am| are)? (?:this|that|it|calling|speaking|i speaking|there)|who's there",
    '(?:can|could|may|shall|how can|how may|how could|what can|where can|who can) (?:i|we)',
    "how are you|what(?:'s| is) (?:up|this|it)|what do you|are you|is (?:this|that|it|anybody|anyone)|do you|did you|would you|can you|could you|anybody there|anyone there",
  ),
  person: anyOf("(?:would you like|do you want|would you care|you can) to leave (?:[\\p{L}']+ ){0,3}message"),
  hello: anyOf(
    'hello|hallo|hi|hey|yes|yeah|yep|yo|good (?:morning|afternoon|evening|day)|speaking|residence|this is|it is|who is|who|go ahead|howdy',
  ),
};

const PHRASES: Readonly<Record<string, AnswerPhrases>> = { en: ENGLISH };

/** The phrases of a language tag; undefined for a language without a list. */
export function answerPhrasesOf(language: string): AnswerPhrases | undefined {
  return PHRASES[language.toLowerCase().split(/[-_]/u)[0] as string];
}
