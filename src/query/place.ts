/** Where in a query something is wrong, as a person finds it: by line and column. */

/** Both from 1; columns in characters. */
export interface Place {
  line: number;
  column: number;
}

export function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

/** The reverse; what lies behind the end of a line or of the text is that end. */
export function offsetOf(text: string, { line, column }: Place): number {
  const lines = text.split('\n');
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  return Math.min(text.length, before + Math.min(column - 1, lines[line - 1]?.length ?? 0));
}

/** Begins what is said of a query that failed. */
export const failedAt = (place: Place | null, message: string): string =>
  place
    ? `The query failed at line ${place.line}, column ${place.column}: ${message}`
    : `The query failed: ${message}`;

/** The place that such a message names, and the message without it. */
export function placeIn(message: string): { place: Place; rest: string } | null {
  const [head, line, column] = /^The query failed at line (\d+), column (\d+): /.exec(message) ?? [];
  if (head === undefined) return null;
  return { place: { line: Number(line), column: Number(column) }, rest: message.slice(head.length) };
}

const EXCERPT = '\n\nLINE ';

/** What the engine says without the excerpt that it draws at the end. */
export const withoutExcerpt = (message: string): string => message.split(EXCERPT, 1)[0]!.trim();

/**
 * The place that the engine's excerpt points to, in the query as the person wrote it. The engine counts lines of what it
 * was given, which may begin with lines of ours, and cuts long ones. Null where it points nowhere.
 */
export function placeDrawn(message: string, query: string, given = query): Place | null {
  const start = message.lastIndexOf(EXCERPT);
  const drawn = start < 0 ? null : /^\n\nLINE (\d+): (.*)\n( *)\^\s*$/.exec(message.slice(start));
  if (!drawn) return null;
  const [, number, excerpt, indent] = drawn as unknown as [string, string, string, string];
  const ahead = given.slice(0, Math.max(0, given.indexOf(query))).split('\n').length - 1;
  const line = Number(number) - ahead;
  const text = query.split('\n')[line - 1];
  // Of a query that ends too early the engine points to what we put behind it.
  if (text === undefined) return placeAt(query, query.trimEnd().length);
  const cut = excerpt.startsWith('...') ? 3 : 0;
  const shown = excerpt.slice(cut).replace(/\.\.\.$/, '');
  const at = Math.max(0, text.indexOf(shown));
  return { line, column: at + indent.length - `LINE ${number}: `.length - cut + 1 };
}
