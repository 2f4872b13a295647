/** Where a statement ends while it is typed: a semicolon outside of quotes and comments, as the engine's lexer sees them. */

/** Letters of other alphabets are letters to the engine, and a word may hold dollars. */
const [LETTER, IN_TAG, IN_WORD] = [
  '[^\\s\\0-@[-^`{-\\x7f]',
  '[^\\s\\0-/:-@[-^`{-\\x7f]',
  '[^\\s\\0-#%-/:-@[-^`{-\\x7f]',
];

/** What opens something that a semicolon does not end, a word, or any other character. */
const TOKEN = new RegExp(`--|/\\*|[eE]'|\\$(?:${LETTER}${IN_TAG}*)?\\$|${LETTER}${IN_WORD}*|\\S`, 'g');

/** Tokens of a text and their places; comments are none. What is not closed yet goes to the end of the text. */
function* tokens(text: string): Generator<{ token: string; at: number }> {
  const each = new RegExp(TOKEN);
  for (let match = each.exec(text); match; match = each.exec(text)) {
    const { 0: token, index: at } = match;
    if (token !== '--' && token !== '/*') yield { token, at };
    each.lastIndex = endOf(token, text, each.lastIndex);
  }
}

/** Where that ends which a token opens, if it does. Sought step by step: one pattern for all of a long text overflows. */
function endOf(token: string, text: string, from: number): number {
  if (token === '--') return past(/[\n\r]/g, text, from);
  if (token === '/*') return past(/\/\*|\*\//g, text, from, (mark) => (mark === '/*' ? 1 : -1));
  if (token === "'") return past(/''|'/g, text, from, (mark) => (mark === "'" ? -1 : 0));
  if (token === '"') return past(/""|"/g, text, from, (mark) => (mark === '"' ? -1 : 0));
  if (/^e'$/i.test(token)) return past(/\\[\s\S]|''|'/g, text, from, (mark) => (mark === "'" ? -1 : 0));
  if (!/^\$.*\$$/s.test(token)) return from;
  const end = text.indexOf(token, from);
  return end < 0 ? text.length : end + token.length;
}

/** The place behind the mark that closes what is open; `step` says how much deeper a mark leads: comments hold comments. */
function past(marks: RegExp, text: string, from: number, step = (_mark: string) => -1): number {
  marks.lastIndex = from;
  let depth = 1;
  for (let match = marks.exec(text); match; match = marks.exec(text)) {
    depth += step(match[0]);
    if (depth === 0) return marks.lastIndex;
  }
  return text.length;
}

/** Position of the first semicolon that ends a statement, or -1. */
export function endOfStatement(text: string): number {
  for (const { token, at } of tokens(text)) if (token === ';') return at;
  return -1;
}

/** True when there are only blanks and comments. */
export const isEmpty = (text: string): boolean => tokens(text).next().done === true;
