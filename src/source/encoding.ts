/** Whatever a county saved its file as, DuckDB reads UTF-8. */

import { isUtf8 } from 'node:buffer';
import { unfinishedBytes } from './xlsx/utf8.ts';

export type Encoding = 'utf-8' | 'utf-8-bom' | 'windows-1252' | 'utf-16le' | 'utf-16be';

/** Thrown by `decode` when bytes taken for UTF-8 are not; the file is then read again as Windows-1252. */
export class NotUtf8 extends Error {
  override name = 'NotUtf8';
}

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
  /** Bytes above 7F that Windows-1252 was needed for. */
  readonly converted: number;
}

/** @throws NotUtf8 from `push` or `end` when the file is not what the encoding says. */
export function createDecoder(encoding: Encoding): Decoder {
  return encoding === 'utf-8' || encoding === 'utf-8-bom' ? utf8Decoder(encoding) : otherDecoder(encoding);
}

function utf8Decoder(encoding: Encoding): Decoder {
  let open: Buffer = Buffer.alloc(0);
  let skip = encoding === 'utf-8-bom' ? 3 : 0;
  return {
    converted: 0,
    push(chunk) {
      let data = open.length > 0 ? Buffer.concat([open, chunk]) : chunk;
      if (skip > 0) {
        data = data.subarray(skip);
        skip = 0;
      }
      const whole = data.length - unfinishedBytes(data);
      open = Buffer.from(data.subarray(whole));
      const complete = data.subarray(0, whole);
      if (!isUtf8(complete)) throw new NotUtf8();
      return complete;
    },
    end() {
      if (open.length > 0) throw new NotUtf8();
      return open;
    },
  };
}

function otherDecoder(encoding: Encoding): Decoder {
  const decoder = new TextDecoder(encoding);
  let converted = 0;
  return {
    get converted() {
      return converted;
    },
    push(chunk) {
      if (encoding === 'windows-1252') for (const byte of chunk) if (byte > 0x7f) converted++;
      return Buffer.from(decoder.decode(chunk, { stream: true }));
    },
    end() {
      return Buffer.from(decoder.decode());
    },
  };
}
