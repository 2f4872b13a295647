/** The shared strings part, string by string. */

import { ELEMENT } from './elements.ts';
import type { XlsxError } from './errors.ts';
import type { XlsxLimits } from './limits.ts';
import { literal, marked, matches } from './literal.ts';
import { RichText } from './richText.ts';
import type { SharedStrings } from './sharedStrings.ts';
import { findEscape, TextBuffer } from './textBuffer.ts';
import { XmlScanner } from './xmlScanner.ts';

const OUTSIDE = 0;
const IN_TABLE = 1;
const IN_STRING = 2;
const IN_RUN = 3;
const IN_TEXT = 4;
const OPENING = literal('<si><t');
const PRESERVE = literal(' xml:space="preserve">');
const CLOSING = literal('</t></si>');

/** Reads the shared strings part. Of rich text the runs are joined; phonetic readings are left out. */
export class StringsScanner extends XmlScanner {
  private state = OUTSIDE;
  private textParent = OUTSIDE;
  private readonly rich = new RichText();
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
    if (state === IN_TEXT) throw this.broken('has an element inside of a text');
    if (state === OUTSIDE && element === ELEMENT.sst) this.state = IN_TABLE;
    else if (state === OUTSIDE) throw this.broken('is no table of shared strings');
    else if (state === IN_TABLE && element === ELEMENT.si) {
      this.state = IN_STRING;
      this.rich.begin();
      this.value.clear();
    } else if (state === IN_STRING && element === ELEMENT.r) {
      if (!this.rich.takesRun()) throw this.twice();
      this.state = IN_RUN;
    } else if ((state === IN_STRING || state === IN_RUN) && element === ELEMENT.t) {
      if (!this.rich.takesText(state === IN_RUN)) throw this.twice();
      this.textParent = state;
      this.state = IN_TEXT;
      this.wantsText = true;
    } else this.skipFrom = this.depth;
  }

  private twice(): XlsxError {
    return this.broken(`has two texts in the string ${this.strings.count}`);
  }

  protected close(element: number): void {
    if (this.skipFrom > 0) {
      if (this.depth === this.skipFrom) this.skipFrom = 0;
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
    if (this.state !== IN_TABLE || this.skipFrom > 0 || !this.namespaces.isOwn('')) return false;
    const { data, words, at } = this;
    const limit = this.length - 64;
    if (at >= limit || !matches(words, at, OPENING)) return false;
    let start = at + OPENING.length;
    if (data[start] === 62) start++;
    else if (matches(words, start, PRESERVE)) start += PRESERVE.length;
    else return false;
    let end = start;
    while (end < limit && !marked(words.getInt32(end, true))) end += 4;
    let underscore = false;
    for (let byte = data[end]!; byte !== 60; byte = data[end]!) {
      if (byte === 38 || byte === 13 || end >= limit) return false;
      if (byte === 95) underscore = true;
      end++;
    }
    if (!matches(words, end, CLOSING)) return false;
    if (underscore && findEscape(data, start, end) >= 0) return false;
    this.strings.add(data, start, end, words);
    this.at = end + CLOSING.length;
    return true;
  }
}
