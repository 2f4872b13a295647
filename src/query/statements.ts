/** Where a statement ends while it is typed: a semicolon outside of quotes and comments. */

/** One of these at a time; what is not closed yet goes to the end of the text. */
const TOKENS =
  /--[^\n]*|\/\*|[eE]'(?:[^'\\]|''|\\[\s\S])*(?:'|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|\$(?:[A-Za-z_]\w*)?\$|[\w$]+|;/g;

/** Position of the first semicolon that ends a statement, or -1. */
export function endOfStatement(text: string): number {
  const tokens = new RegExp(TOKENS);
  for (let match = tokens.exec(text); match; match = tokens.exec(text)) {
    const [token] = match;
    if (token === ';') return match.index;
    if (token === '/*') tokens.lastIndex = endOfComment(text, tokens.lastIndex);
    else if (token.startsWith('$') && token.endsWith('$')) {
      const end = text.indexOf(token, tokens.lastIndex);
      tokens.lastIndex = end < 0 ? text.length : end + token.length;
    }
  }
  return -1;
}

/** Comments can hold comments. */
function endOfComment(text: string, from: number): number {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = from;
  let depth = 1;
  for (let match = marks.exec(text); match; match = marks.exec(text)) {
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return text.length;
}
