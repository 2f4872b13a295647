/** The shared strings of a workbook: one run of bytes with offsets. Beyond a limit the bytes lie in a file. */

import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { XlsxError } from './errors.ts';
import type { XlsxLimits } from './limits.ts';
import { PageCache } from './pageCache.ts';
import { SPARE, TextBuffer, viewOf } from './textBuffer.ts';

const BLOCK_BITS = 24;
const BLOCK_BYTES = 1 << BLOCK_BITS;
/** Bytes up to which copying four at a time is faster than a call. */
const SHORT = 48;

/** Strings by index. `find` leaves where the string is in `bytes` (and `view`), `start`, `end`, until the next call. */
export class SharedStrings {
  bytes: Buffer = Buffer.alloc(0);
  view: DataView = viewOf(this.bytes);
  start = 0;
  end = 0;
  count = 0;
  /** Bytes of all strings together. */
  total = 0;
  private offsets = new Uint32Array(1024);
  /** Blocks in memory, each full but the last; behind them everything is in the file. */
  private readonly blocks: Buffer[] = [];
  private readonly views: DataView[] = [];
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
    this.joined = new TextBuffer('the table of shared strings', limits.rowBytes);
  }

  /** True when strings lie on disk. */
  get spilled(): boolean {
    return this.file !== null;
  }

  /** Appends one string. @param view the same bytes as `data`. */
  add(data: Buffer, start: number, end: number, view: DataView = viewOf(data)): void {
    this.joined.check(end - start);
    if (this.total + end - start > this.limits.stringsBytes) {
      throw new XlsxError(`its shared strings have more than ${this.limits.stringsBytes} bytes`);
    }
    for (let from = start; from < end; ) {
      const used =
        this.total < this.inMemory ? this.fill(data, view, from, end) : this.spill(data, from, end);
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
      this.view = this.views[block]!;
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
    this.view = joined.view;
    this.start = 0;
    this.end = joined.length;
  }

  private fill(data: Buffer, view: DataView, from: number, end: number): number {
    const inside = this.total % BLOCK_BYTES;
    if (inside === 0) this.addBlock();
    const size = Math.min(end - from, BLOCK_BYTES - inside);
    const last = this.blocks.length - 1;
    if (size < SHORT && from + size + SPARE <= data.length) {
      const to = this.views[last]!;
      for (let i = 0; i < size; i += 4) to.setInt32(inside + i, view.getInt32(from + i, true), true);
    } else data.copy(this.blocks[last]!, inside, from, from + size);
    return size;
  }

  private addBlock(): void {
    const block = Buffer.allocUnsafe(BLOCK_BYTES + SPARE);
    this.blocks.push(block);
    this.views.push(viewOf(block));
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
