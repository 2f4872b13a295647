/** Text that is put together from pieces of XML: entities resolved, line ends as XML has them, no strings made. */

import { XlsxError } from './errors.ts';

const AMPERSAND = 38;
const SEMICOLON = 59;
const CR = 13;
const LF = 10;
const UNDERSCORE = 95;
const LOWER_X = 120;

/** Bytes beyond a text that may be read or written, so that it can be gone through four bytes at a time. */
export const SPARE = 4;

/** A growing buffer; `length` bytes of `bytes` count. */
export class TextBuffer {
  bytes = Buffer.allocUnsafe(4096);
  /** The same bytes, for reading and writing four at a time. */
  view = viewOf(this.bytes);
  length = 0;

  constructor(
    /** What the text belongs to, for messages. */
    private readonly part: string,
    private readonly limit: number,
  ) {}

  clear(): void {
    this.length = 0;
  }

  /** Makes room for that many more bytes, which may be more than will be used. @throws XlsxError beyond the limit. */
  reserve(more: number): void {
    const wanted = this.length + more + SPARE;
    if (wanted <= this.bytes.length) return;
    this.check(this.length);
    const bigger = Buffer.allocUnsafe(Math.max(wanted, 2 * this.bytes.length));
    this.bytes.copy(bigger, 0, 0, this.length);
    this.bytes = bigger;
    this.view = viewOf(bigger);
  }

  /** @throws XlsxError when a text of that length is too long. */
  check(length: number): void {
    if (length > this.limit) throw new XlsxError(`${this.part} has a text of more than ${this.limit} bytes`);
  }

  /** Appends bytes as they are. Returns where they begin. */
  copy(data: Buffer, start: number, end: number): number {
    const size = end - start;
    this.reserve(size);
    const at = this.length;
    const { bytes } = this;
    if (size < 48) for (let i = 0; i < size; i++) bytes[at + i] = data[start + i]!;
    else data.copy(bytes, at, start, end);
    this.length = at + size;
    return at;
  }

  /** Appends character data: a line end becomes LF and, outside CDATA, entities become characters. */
  appendXml(data: Buffer, start: number, end: number, cdata: boolean): void {
    this.reserve(end - start);
    const { bytes } = this;
    let to = this.length;
    for (let at = start; at < end; at++) {
      const byte = data[at]!;
      if (byte === AMPERSAND && !cdata) {
        const close = data.subarray(at, Math.min(end, at + LONGEST_ENTITY)).indexOf(SEMICOLON);
        if (close < 0) throw new XlsxError(`${this.part} has an ampersand that begins no entity`);
        to += bytes.write(this.resolve(data.toString('latin1', at + 1, at + close)), to);
        at += close;
      } else if (byte === CR) {
        bytes[to++] = LF;
        if (data[at + 1] === LF && at + 1 < end) at++;
      } else bytes[to++] = byte;
    }
    this.length = to;
  }

  /** Resolves Excel's _xHHHH_ from `start` on. NUL and halves of surrogate pairs stay as they are written. */
  unescape(start: number): void {
    const { bytes } = this;
    const first = findEscape(bytes, start, this.length);
    if (first < 0) return;
    const text = bytes.toString('utf8', first, this.length);
    const resolved = text
      .replace(/_x([dD][89abAB][0-9a-fA-F]{2})__x([dD][c-fC-F][0-9a-fA-F]{2})_/g, (_, high, low) =>
        String.fromCharCode(Number.parseInt(high, 16), Number.parseInt(low, 16)),
      )
      .replace(/_x([0-9a-fA-F]{4})_/g, (whole, hex) => {
        const code = Number.parseInt(hex, 16);
        return code === 0 || (code >= 0xd800 && code <= 0xdfff) ? whole : String.fromCharCode(code);
      });
    this.length = first;
    const size = Buffer.byteLength(resolved);
    this.reserve(size);
    this.bytes.write(resolved, first);
    this.length += size;
  }

  private resolve(entity: string): string {
    const known = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }[entity];
    if (known) return known;
    const code = /^#x[0-9a-f]+$/i.test(entity)
      ? Number.parseInt(entity.slice(2), 16)
      : /^#[0-9]+$/.test(entity)
        ? Number(entity.slice(1))
        : Number.NaN;
    if (!(code > 0 && code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff)) {
      throw new XlsxError(`${this.part} has the entity &${entity};, which means nothing`);
    }
    return String.fromCodePoint(code);
  }
}

export const viewOf = (data: Buffer) => new DataView(data.buffer, data.byteOffset, data.length);

/** Longest entity with its ampersand and semicolon. */
export const LONGEST_ENTITY = 16;

/** Where `_x` stands, or -1. */
export function findEscape(data: Buffer, start: number, end: number): number {
  for (let at = start; at < end - 6; at++) {
    if (data[at] === UNDERSCORE && data[at + 1] === LOWER_X) return at;
  }
  return -1;
}
