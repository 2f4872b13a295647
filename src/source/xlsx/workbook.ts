/** A workbook: which sheets it has, and the rows of each, in bounded memory whatever their number. */

import { join, posix } from 'node:path';
import { Archive } from './archive.ts';
import { XlsxError } from './errors.ts';
import { XLSX_LIMITS, type XlsxLimits } from './limits.ts';
import { type Row, StringMissing } from './row.ts';
import { SharedStrings } from './sharedStrings.ts';
import { type SheetContext, SheetScanner } from './sheetScanner.ts';
import { StringsScanner } from './stringsScanner.ts';
import { readStyles } from './styles.ts';
import { asUtf8 } from './utf8.ts';
import type { XmlScanner } from './xmlScanner.ts';
import { childrenOf, parseXml, type Wanted, type XmlElement } from './xmlTree.ts';

export interface Sheet {
  name: string;
  hidden: boolean;
  /** Its part in the archive; null for sheets without cells, such as charts. */
  part: string | null;
}

export interface OpenOptions {
  /** Folder for shared strings that outgrow memory. */
  scratch: string;
  limits?: Partial<XlsxLimits>;
  /** Cuts what the parsers get into chunks of this many bytes; for tests. */
  chunkBytes?: number;
}

/** Strings that are read for a first look at a sheet. */
const HEAD_STRINGS = 65_536;

/** An open workbook. Close it: it holds a file, and perhaps another one with its strings. */
export class Workbook {
  private strings: SharedStrings;
  private stringsComplete = false;

  private constructor(
    private readonly archive: Archive,
    /** In the order of their tabs. */
    readonly sheets: Sheet[],
    private readonly known: Omit<SheetContext, 'strings'> & { stringsPart: string | null },
    private readonly limits: XlsxLimits,
    private readonly options: OpenOptions,
  ) {
    this.strings = this.noStrings();
  }

  /** @throws XlsxError when it is damaged, hostile or no workbook. */
  static async open(path: string, options: OpenOptions): Promise<Workbook> {
    const limits = { ...XLSX_LIMITS, ...options.limits };
    const archive = await Archive.open(path, limits);
    try {
      const parts = await findParts(archive, limits);
      const sheets = childrenOf(parts.workbook, 'sheets', 'sheet').map(({ attributes }) => ({
        name: attributes.name ?? '',
        hidden: (attributes.state ?? 'visible') !== 'visible',
        part: partOf(attributes, parts.related, archive),
      }));
      const seen = new Set<string>();
      for (const { part } of sheets) {
        if (part !== null && seen.has(part)) throw new XlsxError(`${part} is two of its sheets`);
        if (part !== null) seen.add(part);
      }
      const date1904 = /^(1|true)$/.test(
        childrenOf(parts.workbook, 'workbookPr')[0]?.attributes.date1904 ?? '',
      );
      const { styles, stringsPart } = parts;
      return new Workbook(archive, sheets, { styles, date1904, stringsPart }, limits, options);
    } catch (error) {
      archive.close();
      throw error;
    }
  }

  /**
   * Calls `onRow` for each row of a sheet that holds something. The row is only valid during the call.
   * @param onPacked called with the packed bytes of the sheet that were read.
   */
  async readRows(sheet: Sheet, onRow: (row: Row) => void, onPacked?: (bytes: number) => void): Promise<void> {
    if (!this.stringsComplete) await this.loadStrings(Number.POSITIVE_INFINITY);
    await this.scan(sheet, onRow, Number.POSITIVE_INFINITY, onPacked);
  }

  /** Texts of the first rows that hold something, with their numbers. */
  async readHead(sheet: Sheet, wanted: number): Promise<{ number: number; texts: string[] }[]> {
    if (this.strings.count < HEAD_STRINGS && !this.stringsComplete) await this.loadStrings(HEAD_STRINGS);
    const rows: { number: number; texts: string[] }[] = [];
    const take = (row: Row) => {
      if (rows.length < wanted) rows.push({ number: row.number, texts: row.texts() });
    };
    try {
      await this.scan(sheet, take, wanted);
    } catch (error) {
      // Enough rows were there before the one whose string was not read.
      if (!(error instanceof StringMissing) || this.stringsComplete) throw error;
      if (rows.length >= wanted) return rows;
      rows.length = 0;
      await this.loadStrings(Number.POSITIVE_INFINITY);
      await this.scan(sheet, take, wanted);
    }
    return rows;
  }

  /** True when shared strings lie on disk. */
  get spilled(): boolean {
    return this.strings.spilled;
  }

  close(): void {
    this.strings.close();
    this.archive.close();
  }

  private async scan(
    sheet: Sheet,
    onRow: (row: Row) => void,
    wanted: number,
    onPacked?: (bytes: number) => void,
  ): Promise<void> {
    if (sheet.part === null) throw new XlsxError(`${sheet.name} is no sheet with cells`);
    const { styles, date1904 } = this.known;
    let seen = 0;
    const count = (row: Row) => {
      seen++;
      onRow(row);
    };
    const context = { strings: this.strings, styles, date1904 };
    const scanner = new SheetScanner(sheet.part, context, this.limits, count);
    await this.feed(sheet.part, scanner, () => seen >= wanted, onPacked);
  }

  private async loadStrings(wanted: number): Promise<void> {
    this.strings.close();
    this.strings = this.noStrings();
    const part = this.known.stringsPart;
    if (part) {
      const scanner = new StringsScanner(this.strings, part, this.limits);
      this.stringsComplete = await this.feed(part, scanner, () => this.strings.count >= wanted);
    } else this.stringsComplete = true;
    this.strings.finish();
  }

  /** Pushes a part through a scanner until it ends or enough was seen; true when it was read to its end. */
  private async feed(
    part: string,
    scanner: XmlScanner,
    enough: () => boolean,
    onPacked?: (bytes: number) => void,
  ): Promise<boolean> {
    const size = this.options.chunkBytes ?? Number.POSITIVE_INFINITY;
    for await (const chunk of asUtf8(this.archive.read(part, onPacked), part)) {
      for (let at = 0; at < chunk.length; at += size) scanner.push(chunk.subarray(at, at + size));
      if (enough()) return false;
    }
    scanner.end();
    return true;
  }

  private noStrings(): SharedStrings {
    return new SharedStrings(this.limits, join(this.options.scratch, `strings-${process.pid}-${nextId()}`));
  }
}

let ids = 0;
const nextId = () => ids++;

/** What is read of the small parts. */
const WANTED: Wanted = {
  Relationships: [],
  Relationship: ['Id', 'Type', 'Target', 'TargetMode'],
  workbook: [],
  workbookPr: ['date1904'],
  sheets: [],
  sheet: ['name', 'state', 'id'],
  styleSheet: [],
  numFmts: [],
  numFmt: ['numFmtId', 'formatCode'],
  cellXfs: [],
  xf: ['numFmtId'],
};

/** Relations to sheets that hold no cells of a roll. */
const NO_CELLS = ['chartsheet', 'dialogsheet', 'xlMacrosheet', 'xlIntlMacrosheet'];

interface Relation {
  id: string;
  type: string;
  /** Name in the archive; null when it lies outside of the workbook. */
  target: string | null;
}

interface Parts {
  workbook: XmlElement;
  /** Relations of the workbook by their ids. */
  related: Map<string, Relation>;
  styles: Uint8Array;
  stringsPart: string | null;
}

/** Follows the relations from the package to the workbook and from there to its parts. */
async function findParts(archive: Archive, limits: XlsxLimits): Promise<Parts> {
  const start = (await relations(archive, '', limits)).find(
    ({ type, target }) => type === 'officeDocument' && target !== null,
  );
  const workbookPart = start?.target ?? 'xl/workbook.xml';
  const workbook = await readTree(archive, workbookPart, limits);
  if (workbook.name !== 'workbook') throw new XlsxError(`${workbookPart} is no workbook`);
  const related = await relations(archive, workbookPart, limits);
  const named = (wanted: string) => related.find(({ type }) => type === wanted);
  const styles = named('styles');
  // Without them every date would be a number.
  if (styles && !isThere(styles, archive)) throw new XlsxError('its part with the styles is missing');
  const strings = named('sharedStrings');
  return {
    workbook,
    related: new Map(related.map((relation) => [relation.id, relation])),
    styles: readStyles(styles ? await readTree(archive, styles.target!, limits) : undefined),
    stringsPart: strings && isThere(strings, archive) ? strings.target : null,
  };
}

const isThere = ({ target }: Relation, archive: Archive) => target !== null && archive.has(target);

/** The part of a sheet, null for one without cells. @throws XlsxError when it has none: its rows would be lost. */
function partOf(
  { name, id }: Record<string, string>,
  related: Parts['related'],
  archive: Archive,
): string | null {
  const relation = related.get(id ?? '');
  if (relation && NO_CELLS.includes(relation.type)) return null;
  const refuse = (why: string) => new XlsxError(`its sheet "${name ?? ''}" cannot be found: ${why}`);
  if (!relation) throw refuse(`there is no relation ${id ?? 'for it'}`);
  if (relation.type !== 'worksheet') throw refuse(`it is related as "${relation.type}"`);
  if (relation.target === null) throw refuse('it lies outside of the workbook');
  if (!archive.has(relation.target)) throw refuse(`${relation.target} is missing`);
  return relation.target;
}

/** Relations of a part (of the package for ''), with targets as names in the archive. */
async function relations(archive: Archive, part: string, limits: XlsxLimits): Promise<Relation[]> {
  const folder = posix.dirname(part);
  const path = posix.join(folder, '_rels', `${posix.basename(part)}.rels`);
  if (!archive.has(path)) return [];
  return childrenOf(await readTree(archive, path, limits), 'Relationship').map(({ attributes }) => ({
    id: attributes.Id ?? '',
    type: (attributes.Type ?? '').split('/').at(-1)!,
    target: attributes.TargetMode === 'External' ? null : resolveTarget(folder, attributes.Target ?? ''),
  }));
}

const resolveTarget = (folder: string, target: string) =>
  target.startsWith('/') ? posix.normalize(target.slice(1)) : posix.join(folder, target);

async function readTree(archive: Archive, part: string, limits: XlsxLimits): Promise<XmlElement> {
  if (archive.size(part) > limits.smallPartBytes) {
    throw new XlsxError(`${part} would unpack to ${archive.size(part)} bytes, which no workbook needs`);
  }
  const chunks: Buffer[] = [];
  for await (const chunk of asUtf8(archive.read(part), part)) chunks.push(chunk);
  return parseXml(Buffer.concat(chunks).toString(), part, WANTED);
}
