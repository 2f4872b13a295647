/** The shared strings of a workbook: one run of bytes with offsets. Beyond a limit the bytes lie in a file. */

import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { XlsxError } from './errors.ts';
import type { XlsxLimits } from './limits.ts';
import { PageCache } from './pageCache.ts';
import { findEscape, TextBuffer } from './textBuffer.ts';
import { ELEMENT, XmlScanner } from './xmlScanner.ts';

const BLOCK_BITS = 24;
const BLOCK_BYTES = 1 << BLOCK_BITS;

/** Strings by index. `find` leaves where the string is in `bytes`, `start`, `end`, until the next call. */
export class SharedStrings {
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;
  count = 0;
  /** Bytes of all strings together. */
  total = 0;
  private offsets = new Uint32Array(1024);
  /** Blocks in memory, each full but the last; behind them everything is in the file. */
  private readonly blocks: Buffer[] = [];
  private readonly inMemory: number;
  private file: number | null = null;
  private pages: PageCache | null = null;
  private pending: Buffer = Buffer.alloc(0);
  private pendingLength = 0;
  private readonly joined: TextBuffer;

  /** @param spillPath file that is made when the strings outgrow the limit, and removed by `close`. */
  constructor(
    private readonly limits: XlsxLimits,
    private readonly spillPath: string,
  ) {
    this.inMemory = Math.ceil(limits.stringsInMemory / BLOCK_BYTES) * BLOCK_BYTES;
    this.joined = new TextBuffer('a shared string', limits.rowBytes);
  }

  /** True when strings lie on disk. */
  get spilled(): boolean {
    return this.file !== null;
  }

  /** Appends one string. */
  add(data: Buffer, start: number, end: number): void {
    if (this.total + end - start > this.limits.stringsBytes) {
      throw new XlsxError(`its shared strings have more than ${this.limits.stringsBytes} bytes`);
    }
    for (let from = start; from < end; ) {
      const used = this.total < this.inMemory ? this.fill(data, from, end) : this.spill(data, from, end);
      from += used;
      this.total += used;
    }
    this.count++;
    if (this.count === this.offsets.length) {
      const bigger = new Uint32Array(2 * this.offsets.length);
      bigger.set(this.offsets);
      this.offsets = bigger;
    }
    this.offsets[this.count] = this.total;
  }

  /** After the last `add`. */
  finish(): void {
    if (this.file === null) return;
    writeSync(this.file, this.pending, 0, this.pendingLength);
    this.pending = Buffer.alloc(0);
    const file = this.file;
    this.pages = new PageCache((target, position) => readSync(file, target, 0, target.length, position));
  }

  /** @param index at least 0 and below `count`. */
  find(index: number): void {
    const from = this.offsets[index]!;
    const to = this.offsets[index + 1]!;
    const block = from >>> BLOCK_BITS;
    // Most strings lie in one block in memory: that both ends do is enough, and cheap to see.
    if (to >>> BLOCK_BITS === block && block < this.blocks.length) {
      this.bytes = this.blocks[block]!;
      this.start = from & (BLOCK_BYTES - 1);
      this.end = to & (BLOCK_BYTES - 1);
    } else this.join(from, to);
  }

  close(): void {
    if (this.file === null) return;
    closeSync(this.file);
    this.file = null;
    rmSync(this.spillPath, { force: true });
  }

  /** A string that lies on both sides of a border, or on disk. */
  private join(from: number, to: number): void {
    const { joined } = this;
    joined.length = 0;
    for (let at = from; at < to; ) {
      if (at < this.inMemory) {
        const inside = at % BLOCK_BYTES;
        const end = Math.min(BLOCK_BYTES, inside + to - at);
        joined.copy(this.blocks[Math.floor(at / BLOCK_BYTES)]!, inside, end);
        at += end - inside;
      } else at += this.pages!.copyTo(joined, at - this.inMemory, to - this.inMemory);
    }
    this.bytes = joined.bytes;
    this.start = 0;
    this.end = joined.length;
  }

  private fill(data: Buffer, from: number, end: number): number {
    const inside = this.total % BLOCK_BYTES;
    if (inside === 0) this.blocks.push(Buffer.allocUnsafe(BLOCK_BYTES));
    const size = Math.min(end - from, BLOCK_BYTES - inside);
    const block = this.blocks.at(-1)!;
    if (size < 48) for (let i = 0; i < size; i++) block[inside + i] = data[from + i]!;
    else data.copy(block, inside, from, from + size);
    return size;
  }

  private spill(data: Buffer, from: number, end: number): number {
    if (this.file === null) {
      this.file = openSync(this.spillPath, 'w+', 0o600);
      this.pending = Buffer.allocUnsafe(1 << 20);
    }
    if (this.pendingLength === this.pending.length) {
      writeSync(this.file, this.pending);
      this.pendingLength = 0;
    }
    const size = Math.min(end - from, this.pending.length - this.pendingLength);
    data.copy(this.pending, this.pendingLength, from, from + size);
    this.pendingLength += size;
    return size;
  }
}

const OUTSIDE = 0;
const IN_TABLE = 1;
const IN_STRING = 2;
const IN_RUN = 3;
const IN_TEXT = 4;
const OPENING = Buffer.from('<si><t');
const PRESERVE = Buffer.from(' xml:space="preserve">');
const CLOSING = Buffer.from('</t></si>');

/** Reads the shared strings part. Of rich text the runs are joined; phonetic readings are left out. */
export class SharedStringsScanner extends XmlScanner {
  private state = OUTSIDE;
  private textParent = OUTSIDE;
  private skipFrom = 0;
  private readonly value: TextBuffer;

  constructor(
    private readonly strings: SharedStrings,
    part: string,
    limits: XlsxLimits,
  ) {
    super(part, limits.tagBytes);
    this.value = new TextBuffer(part, limits.rowBytes);
  }

  protected open(element: number): void {
    if (this.skipFrom > 0) return;
    const { state } = this;
    if (state === OUTSIDE && element === ELEMENT.sst) this.state = IN_TABLE;
    else if (state === IN_TABLE && element === ELEMENT.si) {
      this.state = IN_STRING;
      this.value.clear();
    } else if (state === IN_STRING && element === ELEMENT.r) this.state = IN_RUN;
    else if ((state === IN_STRING || state === IN_RUN) && element === ELEMENT.t) {
      this.textParent = state;
      this.state = IN_TEXT;
      this.wantsText = true;
    } else if (state === OUTSIDE) throw this.broken('is no table of shared strings');
    else this.skip();
  }

  protected close(element: number): void {
    if (this.skipFrom > 0) {
      if (this.depth === this.skipFrom) {
        this.skipFrom = 0;
        this.wantsText = this.state === IN_TEXT;
      }
      return;
    }
    if (this.state === IN_TEXT) {
      this.state = this.textParent;
      this.wantsText = false;
    } else if (this.state === IN_RUN) this.state = IN_STRING;
    else if (this.state === IN_STRING && element === ELEMENT.si) {
      this.value.unescape(0);
      this.strings.add(this.value.bytes, 0, this.value.length);
      this.state = IN_TABLE;
    } else this.state = OUTSIDE;
  }

  protected text(start: number, end: number, cdata: boolean): void {
    this.value.appendXml(this.data, start, end, cdata);
  }

  /** `<si><t>plain text</t></si>`, which nearly all strings are. */
  protected override fast(): boolean {
    if (this.state !== IN_TABLE || this.skipFrom > 0) return false;
    const { data, at } = this;
    const limit = this.length - 64;
    if (at >= limit || !startsWith(data, at, OPENING)) return false;
    let start = at + OPENING.length;
    if (data[start] === 62) start++;
    else if (startsWith(data, start, PRESERVE)) start += PRESERVE.length;
    else return false;
    let end = start;
    let underscore = false;
    for (let byte = data[end]!; byte !== 60; byte = data[end]!) {
      if (byte === 38 || byte === 13 || end >= limit) return false;
      if (byte === 95) underscore = true;
      end++;
    }
    if (!startsWith(data, end, CLOSING)) return false;
    if (underscore && findEscape(data, start, end) >= 0) return false;
    this.strings.add(data, start, end);
    this.at = end + CLOSING.length;
    return true;
  }

  private skip(): void {
    this.skipFrom = this.depth;
    this.wantsText = false;
  }
}

function startsWith(data: Buffer, at: number, expected: Buffer): boolean {
  for (let i = 0; i < expected.length; i++) if (data[at + i] !== expected[i]) return false;
  return true;
}
