import { ERROR_CODES, kindOf, payloadSchemas } from '@parley/contracts';
import { CHANNELS, FRAME_FIELDS } from './parties.mjs';

/** The tables of the hand-written page, by the name of the place where each stands. */
export function buildTables() {
  return {
    subjects: table(
      ['Subject', 'What', 'Sent by', 'Read by', 'Kept in'],
      CHANNELS.map(({ address, about, send, receive, kept }) => [
        code(address),
        about,
        send.join(', '),
        receive.join(', '),
        kept ? code(kept) : 'not kept',
      ]),
    ),
    header: table(
      ['Offset', 'Field', 'Type', 'Meaning'],
      FRAME_FIELDS.map(({ offset, name, type, about }) => [offset, code(name), type, about]),
    ),
    events: table(
      ['Event', 'Subject', 'Fields beside the envelope (`?` optional)'],
      Object.entries(payloadSchemas).map(([type, schema]) => [
        code(type),
        code(kindOf(type)),
        Object.entries(schema.shape)
          .map(([name, field]) => code(field.safeParse(undefined).success ? `${name}?` : name))
          .join(', '),
      ]),
    ),
    errors: table(
      ['Code', 'Retry', 'Message'],
      Object.entries(ERROR_CODES).map(([name, { message, retryable }]) => [
        code(name),
        retryable ? 'yes' : 'no',
        message,
      ]),
    ),
  };
}

/**
 * Puts the tables into a page, each between `<!-- name:start -->` and `<!-- name:end -->`.
 * @throws {Error} when the page has no place for one
 */
export function fillPage(page, tables) {
  return Object.entries(tables).reduce((text, [name, rows]) => {
    const place = new RegExp(`(<!-- ${name}:start -->)[^]*(<!-- ${name}:end -->)`);
    if (!place.test(text)) throw new Error(`the page has no place for the table "${name}"`);
    return text.replace(place, (_, start, end) => `${start}\n\n${rows}\n\n${end}`);
  }, page);
}

function table(head, rows) {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}

function code(text) {
  return `\`${text}\``;
}
