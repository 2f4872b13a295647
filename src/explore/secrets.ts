/** Secrets that the server hands out and knows again: sessions of pages, tickets for one download. */

import { randomBytes, timingSafeEqual } from 'node:crypto';

/** A fresh one, 256 bits, as it may stand in an address. */
export const newSecret = () => randomBytes(32).toString('base64url');

/** Compares without telling by the time it takes how much was right. */
export function same(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

interface Entry {
  /** What it is good for. */
  purpose: string;
  until: number;
}

/** A bounded set: with more than `kept`, those that were used longest ago go. Each is good for so many milliseconds. */
export class Issued {
  private readonly entries = new Map<string, Entry>();

  constructor(
    private readonly kept: number,
    private readonly milliseconds = Number.POSITIVE_INFINITY,
    private readonly now: () => number = Date.now,
  ) {}

  issue(purpose = ''): string {
    const secret = newSecret();
    this.entries.set(secret, { purpose, until: this.now() + this.milliseconds });
    if (this.entries.size > this.kept) this.entries.delete(this.entries.keys().next().value!);
    return secret;
  }

  /** True when it was issued, for this purpose, and is still good. */
  knows(given: string, purpose = ''): boolean {
    const found = this.find(given);
    const entry = found && this.entries.get(found);
    if (!entry || entry.purpose !== purpose || entry.until < this.now()) return false;
    this.entries.delete(found);
    this.entries.set(found, entry);
    return true;
  }

  /** The same, once. */
  take(given: string, purpose: string): boolean {
    const known = this.knows(given, purpose);
    if (known) this.entries.delete(given);
    return known;
  }

  /** Compares with all of them, so that time does not tell which one was nearly right. */
  private find(given: string): string | undefined {
    let found: string | undefined;
    for (const secret of this.entries.keys()) if (same(given, secret)) found = secret;
    return found;
  }
}
