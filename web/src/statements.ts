/** The statements of a text, and which of them a person means. */

import { endOfStatement } from '../../src/query/statements.ts';

export interface Statement {
  text: string;
  /** Where it begins in the editor. */
  from: number;
}

/** All of them, with the comments in front of each and without the semicolon behind it. */
export function statementsOf(text: string, from = 0): Statement[] {
  const found: Statement[] = [];
  for (let start = 0; start <= text.length; ) {
    const end = endOfStatement(text.slice(start));
    const stop = end < 0 ? text.length : start + end;
    const part = text.slice(start, stop);
    if (saysSomething(part)) {
      const blank = part.length - part.trimStart().length;
      found.push({ text: part.trim(), from: from + start + blank });
    }
    start = stop + 1;
  }
  return found;
}

/**
 * The one that the cursor stands in. What stands behind a semicolon in the same line belongs to the statement in front
 * of it, what stands behind the last one as well.
 */
export function statementAt(text: string, cursor: number): Statement | null {
  const all = statementsOf(text);
  const line = text.lastIndexOf('\n', cursor - 1) + 1;
  const before = all.filter(({ from }) => from <= cursor).at(-1);
  const after = all.find(({ from }) => from > cursor);
  // In the indent of a statement, or on an empty line between two, the next one is meant.
  if (before && after && cursor > before.from + before.text.length) {
    const ends = text.indexOf(';', before.from + before.text.length);
    if (ends < line) return after;
  }
  return before ?? after ?? null;
}

/** False for blanks and comments alone. Comments can hold comments. */
function saysSomething(text: string): boolean {
  let depth = 0;
  for (const [token] of text.matchAll(/--[^\n]*|\/\*|\*\/|\S/g)) {
    if (token === '/*') depth++;
    else if (token === '*/' && depth > 0) depth--;
    else if (depth === 0 && !token.startsWith('--')) return true;
  }
  return false;
}
