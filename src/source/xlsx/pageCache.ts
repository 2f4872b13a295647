/** A file that is read at random, by pages of which the recently used ones stay in memory. */

import type { TextBuffer } from './textBuffer.ts';

const PAGE_BYTES = 1 << 16;
const PAGES = 512;

/** Second-chance cache: 512 pages of 64 KB, 32 MB. */
export class PageCache {
  private readonly slots = new Map<number, number>();
  private readonly pages: Buffer[] = [];
  private readonly owner: number[] = [];
  private readonly used = new Uint8Array(PAGES);
  private hand = 0;

  /** @param read fills the target from that position of the file. */
  constructor(private readonly read: (target: Buffer, position: number) => void) {}

  /** Appends what the page of `from` holds of [from, to) and returns how many bytes that were. */
  copyTo(target: TextBuffer, from: number, to: number): number {
    const number = Math.floor(from / PAGE_BYTES);
    const inside = from - number * PAGE_BYTES;
    const end = Math.min(PAGE_BYTES, inside + to - from);
    target.copy(this.page(number), inside, end);
    return end - inside;
  }

  private page(number: number): Buffer {
    const known = this.slots.get(number);
    if (known !== undefined) {
      this.used[known] = 1;
      return this.pages[known]!;
    }
    const slot = this.pages.length < PAGES ? this.pages.length : this.evict();
    const page = this.pages[slot] ?? Buffer.allocUnsafe(PAGE_BYTES);
    this.read(page, number * PAGE_BYTES);
    this.pages[slot] = page;
    this.owner[slot] = number;
    this.slots.set(number, slot);
    return page;
  }

  private evict(): number {
    while (this.used[this.hand] === 1) {
      this.used[this.hand] = 0;
      this.hand = (this.hand + 1) % PAGES;
    }
    const slot = this.hand;
    this.hand = (slot + 1) % PAGES;
    this.slots.delete(this.owner[slot]!);
    return slot;
  }
}
