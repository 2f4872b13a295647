/** The small XML parts as trees: workbook, relations, styles. Names without prefixes; DTDs are refused. */

import { XlsxError } from './errors.ts';

export interface XmlElement {
  name: string;
  /** By local name. */
  attributes: Record<string, string>;
  children: XmlElement[];
}

const TOKEN =
  /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?[\s\S]*?\?>|<\/[^<>]+>|<([^\s<>/!?]+)((?:[^<>"']|"[^"<]*"|'[^'<]*')*)>|[^<]+/y;
const ATTRIBUTE = /([^\s=/"']+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const DEEPEST = 64;

/** @throws XlsxError when the text is not well-formed or declares a document type. */
export function parseXml(text: string, part: string): XmlElement {
  if (/<!DOCTYPE/i.test(text)) throw new XlsxError(`${part} declares a document type, which is refused`);
  const root: XmlElement = { name: '', attributes: {}, children: [] };
  const open = [root];
  const broken = () => new XlsxError(`${part} is no well-formed XML`);
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const found = matchToken(text);
    if (!found) throw broken();
    const [token, name, rest] = found;
    if (name !== undefined) {
      const element = { name: localName(name), attributes: attributesOf(rest!), children: [] };
      open.at(-1)!.children.push(element);
      if (!rest!.endsWith('/')) open.push(element);
      if (open.length > DEEPEST) throw broken();
    } else if (token.startsWith('</')) {
      const closed = open.pop()!;
      if (open.length === 0 || closed.name !== localName(token.slice(2, -1).trim())) throw broken();
    }
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

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Text with the five predefined entities and character references resolved; anything else stays as it is. */
function decodeEntities(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name) return ENTITIES[name] ?? whole;
    const code = hex ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** The engine's own stack bounds what a token may hold. */
function matchToken(text: string): RegExpExecArray | null {
  try {
    return TOKEN.exec(text);
  } catch {
    return null;
  }
}

function attributesOf(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name, double, single] of text.matchAll(ATTRIBUTE)) {
    const local = localName(name!);
    if (name!.startsWith('xmlns') || Object.hasOwn(found, local)) continue;
    found[local] = decodeEntities(double ?? single ?? '');
  }
  return found;
}

const localName = (name: string) => name.slice(name.indexOf(':') + 1);
