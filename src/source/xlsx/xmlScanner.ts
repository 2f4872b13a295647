/** A pull-free XML scanner over bytes: chunks may be cut anywhere, memory is bounded, nothing becomes a string. */

import { elementAt } from './elements.ts';
import { XlsxError } from './errors.ts';
import { Namespaces } from './namespaces.ts';
import { LONGEST_ENTITY, viewOf } from './textBuffer.ts';

const LT = 60;
const GT = 62;
const SLASH = 47;
const BANG = 33;
const QUESTION = 63;
const AMPERSAND = 38;
const SEMICOLON = 59;
const CR = 13;
const COLON = 58;
const DOUBLE = 34;
const SINGLE = 39;

const COMMENT = Buffer.from('-->');
const CDATA = Buffer.from(']]>');
const INSTRUCTION = Buffer.from('?>');

const XMLNS = Buffer.from('xmlns');
const DEEPEST = 256;
/** Bytes of a chunk that are joined to what the chunk before left over. */
const BORDER = 2048;
/**
 * Bytes at the end of a chunk that wait for the next one, so that what is read at one go need not be read tag by tag
 * only because it is near the end. Chunks no longer than BORDER are gone through to their last byte.
 */
export const MARGIN = 256;

/**
 * Feeds tags and text to its subclass in document order. What is not all here yet waits for the next chunk: at most one
 * tag or one entity. Comments, CDATA and instructions are gone through piece by piece, however long they are.
 */
export abstract class XmlScanner {
  /** Bytes [at, length) of `data` are still to be read. */
  protected data: Buffer = Buffer.alloc(0);
  /** The same bytes, for comparing four at a time. */
  protected words = viewOf(this.data);
  protected at = 0;
  protected length = 0;
  protected depth = 0;
  /** Depth of the element whose content the subclass passes over; 0 outside of such. */
  protected skipFrom = 0;
  /** Set by the subclass while text means something. */
  protected wantsText = false;
  protected readonly namespaces = new Namespaces();
  private inside: Buffer | null = null;
  private rootClosed = false;
  private readonly opened = new Uint8Array(DEEPEST);

  constructor(
    protected readonly part: string,
    private readonly tagLimit: number,
  ) {}

  /** A start tag; attributes are in data[from, to). The matching `close` always follows. */
  protected abstract open(element: number, from: number, to: number): void;
  protected abstract close(element: number): void;
  protected abstract text(start: number, end: number, cdata: boolean): void;

  /** Consumes the usual shape of what comes next at one go, moving `at`; false leaves everything as it was. */
  protected fast(): boolean {
    return false;
  }

  /** Feeds the next bytes; the chunk must not change until the next call. */
  push(chunk: Buffer): void {
    const rest = this.length - this.at;
    if (rest > 0) {
      // Gets over the border between two chunks in a small buffer, so that chunks need not be copied as a whole.
      this.take(Buffer.concat([this.data.subarray(this.at, this.length), chunk.subarray(0, BORDER)]), 0);
      if (chunk.length > BORDER) {
        this.scan(rest);
        if (this.at >= rest) this.take(chunk, this.at - rest);
        else this.take(Buffer.concat([this.data.subarray(this.at), chunk.subarray(BORDER)]), 0);
      }
    } else this.take(chunk, 0);
    this.scan(chunk.length > BORDER ? this.length - MARGIN : this.length);
  }

  private take(data: Buffer, at: number): void {
    this.data = data;
    this.words = viewOf(data);
    this.at = at;
    this.length = data.length;
  }

  /** @throws XlsxError when the document is not complete. */
  end(): void {
    this.scan(this.length);
    while (this.at < this.length && this.data[this.at]! <= 32) this.at++;
    if (this.at < this.length || this.depth > 0 || !this.rootClosed || this.inside) throw this.broken();
  }

  protected broken(why = 'is cut off or no well-formed XML'): XlsxError {
    return new XlsxError(`${this.part} ${why}`);
  }

  /** Goes on until `stop` is passed, or until it needs more than is here. */
  private scan(stop: number): void {
    while (this.at < stop) {
      if (this.inside) {
        if (!this.passThrough(this.inside)) return;
      } else if (this.data[this.at] !== LT) {
        if (!this.passText()) return;
      } else if (!this.fast() && !this.passMarkup()) return;
    }
  }

  /** Text up to the next tag, as far as it is here; an entity or a CR at the end waits for what follows it. */
  private passText(): boolean {
    const { data, at, length } = this;
    let end = at;
    while (end < length && data[end] !== LT) end++;
    if (end === length) {
      if (data[end - 1] === CR) end--;
      const from = Math.max(at, end - LONGEST_ENTITY);
      for (let back = end - 1; back >= from && data[back] !== SEMICOLON; back--) {
        if (data[back] === AMPERSAND) end = back;
      }
      if (end === at) return false;
    }
    if (this.wantsText) this.text(at, end, false);
    this.at = end;
    return true;
  }

  /** Goes on in a comment, CDATA section or instruction. False when its end is not here. */
  private passThrough(terminator: Buffer): boolean {
    const { data, at, length } = this;
    const found = data.subarray(at, length).indexOf(terminator);
    // Without an end, the last bytes may be the beginning of one.
    let end = found < 0 ? Math.max(at, length - terminator.length + 1) : at + found;
    if (found < 0 && end > at && data[end - 1] === CR) end--;
    if (terminator === CDATA && this.wantsText && end > at) this.text(at, end, true);
    this.at = found < 0 ? end : end + terminator.length;
    if (found >= 0) this.inside = null;
    return found >= 0;
  }

  private passMarkup(): boolean {
    const { data, at, length } = this;
    const next = at + 1 < length ? data[at + 1] : 0;
    if (next === 0) return false;
    if (next === QUESTION) return this.enterMarkup(INSTRUCTION, 2);
    if (next === BANG) return this.passDeclaration();
    const end = this.tagEnd();
    if (end < 0) return false;
    if (next === SLASH) this.closeTag(at + 2, end);
    else this.openTag(at + 1, end);
    this.at = end + 1;
    return true;
  }

  private passDeclaration(): boolean {
    const start = this.data.toString('latin1', this.at, Math.min(this.length, this.at + 9));
    if (start.startsWith('<!--')) return this.enterMarkup(COMMENT, 4);
    if (start === '<![CDATA[') return this.enterMarkup(CDATA, 9);
    if ('<!--'.startsWith(start) || '<![CDATA['.startsWith(start)) return false;
    throw this.broken('declares a document type, which is refused');
  }

  private enterMarkup(terminator: Buffer, skip: number): boolean {
    this.inside = terminator;
    this.at += skip;
    return true;
  }

  /** Where the tag's > is; -1 when it is not here yet. */
  private tagEnd(): number {
    const { data, length } = this;
    const stop = this.at + this.tagLimit;
    let quote = 0;
    for (let at = this.at + 1; at < length; at++) {
      const byte = data[at]!;
      if (quote !== 0) {
        if (byte === quote) quote = 0;
      } else if (byte === GT) return at;
      else if (byte === DOUBLE || byte === SINGLE) quote = byte;
      if (byte === LT) throw this.broken();
      if (at > stop) throw this.broken(`has a tag of more than ${this.tagLimit} bytes`);
    }
    return -1;
  }

  private openTag(start: number, end: number): void {
    const { data } = this;
    const selfClosing = data[end - 1] === SLASH;
    const to = selfClosing ? end - 1 : end;
    let nameEnd = start;
    let local = start;
    while (nameEnd < to && data[nameEnd]! > 32) {
      if (data[nameEnd] === COLON) local = nameEnd + 1;
      nameEnd++;
    }
    if (nameEnd === local || this.rootClosed) throw this.broken();
    const element = elementAt(data, local, nameEnd);
    if (this.depth === DEEPEST) throw this.broken('is nested too deeply');
    this.opened[this.depth++] = element;
    // What is passed over anyway, and what means nothing, is not asked for its namespace.
    const mine = element > 0 && this.skipFrom === 0 && this.isOwn(start, local, nameEnd, to);
    this.open(mine ? element : 0, nameEnd, to);
    if (selfClosing) this.leave(element);
  }

  private isOwn(start: number, local: number, nameEnd: number, to: number): boolean {
    const { data, namespaces } = this;
    const declares = to - nameEnd > XMLNS.length && data.subarray(nameEnd, to).includes(XMLNS);
    const prefix = local > start ? data.toString('latin1', start, local - 1) : '';
    if (!declares && this.depth > 1) return namespaces.isOwn(prefix);
    const attributes = data.toString('latin1', nameEnd, to);
    if (this.depth === 1) namespaces.root(prefix, attributes);
    else if (!namespaces.declare(prefix, attributes)) return false;
    if (namespaces.fault) throw this.broken(namespaces.fault);
    return namespaces.isOwn(prefix);
  }

  private closeTag(start: number, end: number): void {
    const { data } = this;
    let local = start;
    let nameEnd = end;
    while (nameEnd > start && data[nameEnd - 1]! <= 32) nameEnd--;
    for (let at = start; at < nameEnd; at++) if (data[at] === COLON) local = at + 1;
    if (this.depth === 0) throw this.broken();
    this.leave(elementAt(data, local, nameEnd));
  }

  private leave(element: number): void {
    if (this.opened[this.depth - 1] !== element) throw this.broken();
    this.close(element);
    this.depth--;
    if (this.depth === 0) this.rootClosed = true;
  }
}
