/**
 * The small XML parts as trees: workbook, relations, styles. Names without prefixes; DTDs are refused. Only what is
 * asked for is kept, because a part of 64 MB may hold 16 million elements. One look at each character.
 */

import { XlsxError } from './errors.ts';

export interface XmlElement {
  name: string;
  /** By name; with a prefix by `:` and the local name. */
  attributes: Record<string, string>;
  children: XmlElement[];
}

/**
 * Elements that are kept, by local name, and their attributes; `:id` is one with a prefix. What stands in any other
 * element is passed over.
 */
export type Wanted = Record<string, string[]>;

/** Kept elements of a part. Excel allows 65,490 cell styles, and nothing else comes near. */
const MOST_ELEMENTS = 200_000;
/** Longest attribute that is kept: paths, names of sheets and number formats have 255 at most. */
const LONGEST_VALUE = 32_768;
const DEEPEST = 64;
const SPACE = 32;

/** @throws XlsxError when the text is not well-formed, declares a document type or has too much of what is asked for. */
export function parseXml(text: string, part: string, wanted: Wanted): XmlElement {
  const broken = (why = 'is no well-formed XML') => new XlsxError(`${part} ${why}`);
  const root: XmlElement = { name: '', attributes: {}, children: [] };
  const open: { name: string; kept: XmlElement | null }[] = [{ name: '', kept: root }];
  let kept = 0;
  let at = 0;
  while (at < text.length) {
    const start = text.indexOf('<', at);
    if (start < 0) break;
    const passed = passOver(text, start);
    if (passed < 0) throw broken();
    if (passed > 0) {
      at = passed;
      continue;
    }
    if (text[start + 1] === '!') throw broken('declares a document type, which is refused');
    const end = tagEnd(text, start + 1);
    if (end < 0) throw broken();
    at = end + 1;
    if (text[start + 1] === '/') {
      const closed = open.pop()!;
      if (open.length === 0 || closed.name !== localName(text.slice(start + 2, end).trim())) throw broken();
      continue;
    }
    const selfClosing = text[end - 1] === '/';
    const [name, from] = tagName(text, start + 1, selfClosing ? end - 1 : end);
    if (name === '') throw broken();
    const parent = open.at(-1)!.kept;
    const names = parent === root ? (wanted[name] ?? []) : wanted[name];
    let element: XmlElement | null = null;
    if (parent && names) {
      if (++kept > MOST_ELEMENTS) throw broken(`has more than ${MOST_ELEMENTS} elements that count`);
      const attributes = attributesOf(text.slice(from, selfClosing ? end - 1 : end), names);
      if (!attributes) throw broken(`has an attribute of more than ${LONGEST_VALUE} characters`);
      element = { name, attributes, children: [] };
      parent.children.push(element);
    }
    if (!selfClosing) open.push({ name, kept: element });
    if (open.length > DEEPEST) throw broken();
  }
  if (open.length !== 1 || root.children.length !== 1) throw broken();
  return root.children[0]!;
}

/** Children of that name; of several names, a path. */
export function childrenOf(element: XmlElement | undefined, ...path: string[]): XmlElement[] {
  return path.reduce<XmlElement[]>(
    (level, name) => level.flatMap(({ children }) => children.filter((child) => child.name === name)),
    element ? [element] : [],
  );
}

/** Calls `found` for each attribute of a tag, entities as they are written. What is no attribute is passed over. */
export function eachAttribute(tag: string, found: (name: string, value: string) => void): void {
  let at = 0;
  for (;;) {
    const equals = tag.indexOf('=', at);
    if (equals < 0) return;
    let quote = equals + 1;
    while (quote < tag.length && tag.charCodeAt(quote) <= SPACE) quote++;
    const end = tag[quote] === '"' || tag[quote] === "'" ? tag.indexOf(tag[quote]!, quote + 1) : -1;
    if (end < 0) return;
    const name = tag.slice(at, equals).trim();
    if (name !== '') found(name, tag.slice(quote + 1, end));
    at = end + 1;
  }
}

/** Where a comment, CDATA section or instruction ends; 0 where none begins, -1 where it has no end. */
function passOver(text: string, start: number): number {
  const [opening, closing] =
    [
      ['<!--', '-->'],
      ['<![CDATA[', ']]>'],
      ['<?', '?>'],
    ].find(([opens]) => text.startsWith(opens!, start)) ?? [];
  if (!opening) return 0;
  const end = text.indexOf(closing!, start + opening.length);
  return end < 0 ? -1 : end + closing!.length;
}

/** Where the tag's > is; -1 when there is none, or another tag begins before. */
function tagEnd(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const character = text[at]!;
    if (character === '>') return at;
    if (character === '<') return -1;
    if (character === '"' || character === "'") {
      at = text.indexOf(character, at + 1);
      if (at < 0) return -1;
    }
  }
  return -1;
}

/** The local name of a tag, and where it ends. */
function tagName(text: string, start: number, end: number): [name: string, end: number] {
  let at = start;
  while (at < end && text.charCodeAt(at) > SPACE) at++;
  return [localName(text.slice(start, at)), at];
}

/** The attributes that are asked for; null when one is too long. */
function attributesOf(text: string, names: string[]): Record<string, string> | null {
  const found: Record<string, string> = {};
  let tooLong = false;
  eachAttribute(text, (name, value) => {
    if (name.startsWith('xmlns')) return;
    const key = name.slice(Math.max(0, name.indexOf(':')));
    if (!names.includes(key)) return;
    if (value.length > LONGEST_VALUE) tooLong = true;
    else found[key] = decodeEntities(value);
  });
  return tooLong ? null : found;
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Text with the five predefined entities and character references resolved; anything else stays as it is. */
function decodeEntities(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w{1,8}));/gi, (whole, hex, decimal, name) => {
    if (name) return ENTITIES[name] ?? whole;
    const code = hex ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

const localName = (name: string) => name.slice(name.indexOf(':') + 1);
