/** Where a statement ends: a semicolon outside of quotes and comments. */

const TOKENS = /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|;/g;

/** Position of the first semicolon that ends a statement, or -1. */
export function endOfStatement(text: string): number {
  for (const match of text.matchAll(TOKENS)) if (match[0] === ';') return match.index;
  return -1;
}

/** The text without the semicolon that ends it and what stands behind, so that it can become a subquery. */
export function withoutEnd(text: string): string {
  const end = endOfStatement(text);
  return end < 0 ? text : text.slice(0, end);
}
