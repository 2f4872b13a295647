/** Fixed pieces of XML, compared four bytes at a time. */

/** Four bytes of text as `DataView.getInt32` reads them, little-endian. */
export const four = (text: string): number => Buffer.from(text, 'latin1').readInt32LE(0);

/** Two bytes of text as `DataView.getInt16` reads them, little-endian. */
export const two = (text: string): number => Buffer.from(text, 'latin1').readInt16LE(0);

export interface Literal {
  words: Int32Array;
  length: number;
  /** The last four bytes, which overlap the words before. */
  tail: number;
}

/** The bytes of a text, at least four, for `matches`. */
export function literal(text: string): Literal {
  const bytes = Buffer.from(text);
  const words = Int32Array.from({ length: bytes.length >> 2 }, (_, index) => bytes.readInt32LE(4 * index));
  return { words, length: bytes.length, tail: bytes.readInt32LE(bytes.length - 4) };
}

/** True when the literal stands there; four bytes are compared at a time. */
export function matches(data: DataView, at: number, { words, length, tail }: Literal): boolean {
  for (let word = 0; word < words.length; word++) {
    if (data.getInt32(at + 4 * word, true) !== words[word]) return false;
  }
  return data.getInt32(at + length - 4, true) === tail;
}

/** True when one of four bytes ends or complicates a plain text: < & _ or a control character. */
export const marked = (word: number): boolean =>
  ((((word - 0x20202020) & ~word) |
    (((word ^ 0x3c3c3c3c) - 0x01010101) & ~(word ^ 0x3c3c3c3c)) |
    (((word ^ 0x26262626) - 0x01010101) & ~(word ^ 0x26262626)) |
    (((word ^ 0x5f5f5f5f) - 0x01010101) & ~(word ^ 0x5f5f5f5f))) &
    0x80808080) !==
  0;
