/** A workbook: which sheets it has, and the rows of each, in bounded memory whatever their number. */

import { join } from 'node:path';
import { Archive } from './archive.ts';
import { XlsxError } from './errors.ts';
import { XLSX_LIMITS, type XlsxLimits } from './limits.ts';
import { findParts, type Sheet, type WorkbookParts } from './parts.ts';
import { type Row, StringMissing } from './row.ts';
import { SharedStrings } from './sharedStrings.ts';
import { SheetScanner } from './sheetScanner.ts';
import { StringsScanner } from './stringsScanner.ts';
import { asUtf8 } from './utf8.ts';
import type { XmlScanner } from './xmlScanner.ts';

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
    private readonly parts: WorkbookParts,
    private readonly limits: XlsxLimits,
    private readonly options: OpenOptions,
  ) {
    this.strings = this.noStrings();
  }

  /** In the order of their tabs. */
  get sheets(): Sheet[] {
    return this.parts.sheets;
  }

  /** @throws XlsxError when it is damaged, hostile or no workbook. */
  static async open(path: string, options: OpenOptions): Promise<Workbook> {
    const limits = { ...XLSX_LIMITS, ...options.limits };
    const archive = await Archive.open(path, limits);
    try {
      return new Workbook(archive, await findParts(archive, limits), limits, options);
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
    const { styles, date1904 } = this.parts;
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
    const part = this.parts.stringsPart;
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
