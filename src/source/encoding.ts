/** Whatever a county saved its file as, DuckDB reads UTF-8. */

import { isAscii, isUtf8 } from 'node:buffer';
import { unfinishedBytes } from './xlsx/utf8.ts';

/** `utf-8+windows-1252`: both in one file, as programs make it that join others' texts byte by byte. */
export type Encoding =
  | 'utf-8'
  | 'utf-8-bom'
  | 'windows-1252'
  | 'utf-8+windows-1252'
  | 'utf-16le'
  | 'utf-16be';

/** Guesses from the first bytes; plain UTF-8 is only an assumption until the last byte. */
export function detectEncoding(head: Buffer): Encoding {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8-bom';
  // A header is plain ASCII: without a byte order mark every second byte of UTF-16 is zero.
  if (head.length >= 4 && head[0] !== 0 && head[1] === 0 && head[3] === 0) return 'utf-16le';
  if (head.length >= 4 && head[0] === 0 && head[1] !== 0 && head[2] === 0) return 'utf-16be';
  return 'utf-8';
}

/** Turns chunks of the file into chunks of UTF-8 without a byte order mark. */
export interface Decoder {
  push(chunk: Buffer): Buffer;
  end(): Buffer;
  /** What the file turned out to be, so far. */
  readonly encoding: Encoding;
  /** Bytes that are no UTF-8 and were read as Windows-1252. */
  readonly converted: number;
  /** 1-based lines of the first of them. */
  readonly lines: readonly number[];
}

const LINES_SHOWN = 20;

/** @param lineNow 1-based line of the next byte; asked for only where a byte is no UTF-8. */
export function createDecoder(encoding: Encoding, lineNow: () => number = () => 1): Decoder {
  return encoding === 'utf-16le' || encoding === 'utf-16be' || encoding === 'windows-1252'
    ? otherDecoder(encoding)
    : utf8Decoder(encoding, lineNow);
}

/** Only the bytes that are no UTF-8 are read as Windows-1252: one of them says nothing about the names beside it. */
function utf8Decoder(assumed: Encoding, lineNow: () => number): Decoder {
  let open: Buffer = Buffer.alloc(0);
  let skip = assumed === 'utf-8' ? 0 : 3;
  let converted = 0;
  /** A character of several bytes stands somewhere: the file is UTF-8 apart from what was converted. */
  let wide = assumed !== 'utf-8';
  const lines: number[] = [];
  const decode = (data: Buffer): Buffer => {
    if (isUtf8(data)) {
      wide ||= !isAscii(data);
      return data;
    }
    let line = lineNow();
    const parts: Buffer[] = [];
    let done = 0;
    for (let at = 0; at < data.length; ) {
      const byte = data[at]!;
      if (byte === 10) line++;
      const length = byte < 0x80 ? 1 : sequenceAt(data, at);
      if (length > 1) wide = true;
      if (length === 0) {
        parts.push(data.subarray(done, at), WINDOWS_1252[byte - 0x80]!);
        done = at + 1;
        converted++;
        if (lines.at(-1) !== line && lines.length < LINES_SHOWN) lines.push(line);
      }
      at += length || 1;
    }
    parts.push(data.subarray(done));
    return Buffer.concat(parts);
  };
  return {
    get encoding() {
      if (converted === 0) return assumed;
      return wide ? 'utf-8+windows-1252' : 'windows-1252';
    },
    get converted() {
      return converted;
    },
    lines,
    push(chunk) {
      let data = open.length > 0 ? Buffer.concat([open, chunk]) : chunk;
      if (skip > 0) {
        if (data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf) data = data.subarray(3);
        skip = 0;
      }
      const whole = data.length - unfinishedBytes(data);
      open = Buffer.from(data.subarray(whole));
      return decode(data.subarray(0, whole));
    },
    end() {
      const rest = open;
      open = Buffer.alloc(0);
      return decode(rest);
    },
  };
}

/** Bytes of the UTF-8 character at `at`; 0 when there is none. */
function sequenceAt(data: Buffer, at: number): number {
  const lead = data[at]!;
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  const sequence = data.subarray(at, at + length);
  return length > 0 && sequence.length === length && isUtf8(sequence) ? length : 0;
}

/** UTF-8 of the bytes 80 to FF. */
const WINDOWS_1252 = Array.from({ length: 128 }, (_, index) =>
  Buffer.from(new TextDecoder('windows-1252').decode(Buffer.of(0x80 + index))),
);

function otherDecoder(encoding: Encoding): Decoder {
  const decoder = new TextDecoder(encoding);
  return {
    encoding,
    converted: 0,
    lines: [],
    push: (chunk) => Buffer.from(decoder.decode(chunk, { stream: true })),
    end: () => Buffer.from(decoder.decode()),
  };
}
