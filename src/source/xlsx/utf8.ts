/** XML parts are UTF-8, UTF-16 or what their declaration says; everything behind this module is valid UTF-8. */

import { isUtf8 } from 'node:buffer';
import { XlsxError } from './errors.ts';

/** Enough to hold a byte order mark and an XML declaration. */
const HEAD_BYTES = 256;

/** Chunks of a part as UTF-8 without a byte order mark. @throws XlsxError at bytes that are none, and at NUL. */
export async function* asUtf8(chunks: AsyncIterable<Buffer>, part: string): AsyncGenerator<Buffer> {
  let head: Buffer | null = Buffer.alloc(0);
  let decode: ((chunk: Buffer, last: boolean) => Buffer) | undefined;
  const checked = (text: Buffer) => {
    if (text.includes(0)) throw new XlsxError(`${part} holds NUL bytes`);
    return text;
  };
  for await (const chunk of chunks) {
    if (decode) {
      yield checked(decode(chunk, false));
      continue;
    }
    head = Buffer.concat([head!, chunk]);
    if (head.length < HEAD_BYTES) continue;
    decode = createDecoder(head, part);
    yield checked(decode(head, false));
    head = null;
  }
  decode ??= createDecoder(head!, part);
  yield checked(decode(head ?? Buffer.alloc(0), true));
}

function createDecoder(head: Buffer, part: string): (chunk: Buffer, last: boolean) => Buffer {
  const encoding = encodingOf(head);
  if (encoding === 'utf-8') return utf8Checker(part, head[0] === 0xef ? 3 : 0);
  let decoder: InstanceType<typeof TextDecoder>;
  try {
    decoder = new TextDecoder(encoding, { fatal: true });
  } catch {
    throw new XlsxError(`${part} is written in ${encoding.slice(0, 40)}, which is no known encoding`);
  }
  return (chunk, last) => {
    try {
      // Always as a stream: in one go, Node 20 reads windows-1252 as if it were Latin-1.
      const text = decoder.decode(chunk, { stream: true });
      return Buffer.from(last ? text + decoder.decode() : text);
    } catch {
      throw new XlsxError(`${part} holds bytes that are no ${encoding}`);
    }
  };
}

function encodingOf(head: Buffer): string {
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0x3c && head[1] === 0)) return 'utf-16le';
  if ((head[0] === 0xfe && head[1] === 0xff) || (head[0] === 0 && head[1] === 0x3c)) return 'utf-16be';
  const declaration = head.subarray(0, HEAD_BYTES).toString('latin1');
  const found = /^(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*["']([^"']+)["']/.exec(declaration)?.[1];
  const encoding = (found ?? 'utf-8').toLowerCase();
  // A byte order mark wins, and so does the fact that these bytes could be read as ASCII at all.
  return encoding === 'us-ascii' || encoding.startsWith('utf') ? 'utf-8' : encoding;
}

/** Passes chunks on as they are; a character cut by a chunk's end is checked when its rest has come. */
function utf8Checker(part: string, skip: number): (chunk: Buffer, last: boolean) => Buffer {
  let open: Buffer = Buffer.alloc(0);
  let start = skip;
  return (chunk, last) => {
    const text = chunk.subarray(start);
    start = 0;
    const joined = open.length > 0 ? Buffer.concat([open, text]) : text;
    const whole = last ? joined.length : joined.length - unfinishedBytes(joined);
    if (!isUtf8(joined.subarray(0, whole))) throw new XlsxError(`${part} holds bytes that are no UTF-8`);
    open = Buffer.from(joined.subarray(whole));
    return text;
  };
}

/** Bytes at the end that begin a character whose rest is in the next chunk. */
export function unfinishedBytes(data: Buffer): number {
  for (let back = 1; back <= Math.min(3, data.length); back++) {
    const byte = data[data.length - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}
