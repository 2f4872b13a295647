/** What is written to a terminal: text of others, which obeys some characters instead of showing them; and readers that go. */

/** Whoever reads the output has seen enough, as head has: no error. */
export const isReaderGone = ({ code }: NodeJS.ErrnoException): boolean => code === 'EPIPE';

/** Calls `end` when the reader of standard output goes; other failures stay errors. */
export function whenReaderGoes(end: () => void): void {
  process.stdout.on('error', (error) => {
    if (!isReaderGone(error)) throw error;
    end();
  });
}

/** Control characters but line break and tab; separators of lines; marks that turn the direction of what follows. */
const OBEYED = /(?![\n\t])[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** The text with pictures (␛) of what a terminal would obey. */
export const harmless = (text: string): string => text.replaceAll(OBEYED, picture);

function picture(character: string): string {
  const code = character.codePointAt(0)!;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? '␡' : '�';
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** What takes two columns: East Asian letters, their punctuation and full-width forms, pictures. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\p{Regional_Indicator}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]|\ufe0f/u;
/** What takes none of its own: it belongs to the letter in front, or is invisible. */
const NONE = /^[\p{M}\p{Cf}]+$/u;

const isPlain = (text: string) => /^[ -~]*$/.test(text);

function columnsOf(grapheme: string): number {
  if (isPlain(grapheme)) return grapheme.length;
  return WIDE.test(grapheme) ? 2 : Number(!NONE.test(grapheme));
}

/** Columns of a terminal that a text takes. */
export function widthOf(text: string): number {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += columnsOf(segment);
  return width;
}

/** The text, or as much of its beginning as fits into so many columns with an ellipsis; a letter is never cut in two. */
export function cutTo(text: string, columns: number): string {
  if (text.length <= columns && isPlain(text)) return text;
  let [width, end, endWithEllipsis] = [0, 0, 0];
  for (const { segment } of graphemes.segment(text)) {
    width += columnsOf(segment);
    if (width > columns) return `${text.slice(0, endWithEllipsis)}…`;
    end += segment.length;
    if (width < columns) endWithEllipsis = end;
  }
  return text;
}

/** The text with blanks behind it, or in front, to take so many columns. */
export function padded(text: string, columns: number, right: boolean): string {
  const blanks = ' '.repeat(Math.max(0, columns - widthOf(text)));
  return right ? blanks + text : text + blanks;
}
