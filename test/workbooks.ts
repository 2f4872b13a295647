/** Workbooks of any size out of a roll's CSV, written as a stream: quoted values become texts, bare numbers numbers. */

import { createReadStream, createWriteStream, existsSync, renameSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import yazl from 'yazl';
import { columnName } from '../src/source/xlsx/row.ts';

export interface WorkbookShape {
  /** Texts in a table that cells point into, as Excel writes them, or in the cells, as many libraries do. */
  strings: 'shared' | 'inline';
  /** Rows of the CSV after its header; all without it. */
  rows?: number;
  /** Rows of a sheet with its header; Excel's own limit without it. */
  sheetRows?: number;
  /** Numbers, too, as texts. */
  allText?: boolean;
}

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
const EXCEL_ROWS = 1_048_576;

/** Makes the workbook unless it is there. The CSV must have no line ends inside values. */
export async function makeWorkbook(csv: string, path: string, shape: WorkbookShape): Promise<string> {
  if (existsSync(path)) return path;
  const strings = new Map<string, number>();
  // Without the option, a CR and an LF that come 100 ms apart are two line ends.
  const input = createReadStream(csv, { highWaterMark: 1 << 20 });
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  const header = splitRow((await lines.next()).value!).map((value) => ({ ...value, quoted: true }));
  const names = header.map((_, index) => columnName(index));
  const zip = new yazl.ZipFile();
  const written = pipeline(zip.outputStream, createWriteStream(`${path}.tmp`));
  const options = { compressionLevel: 4 };
  let left = shape.rows ?? Number.POSITIVE_INFINITY;
  let next = await lines.next();
  let sheets = 0;
  while (!next.done && left > 0) {
    sheets++;
    await new Promise<void>((resolve, reject) => {
      const stream = Readable.from(sheet(), { objectMode: false, highWaterMark: 1 << 20 });
      stream.on('error', reject);
      stream.on('end', resolve);
      zip.addReadStream(stream, `xl/worksheets/sheet${sheets}.xml`, options);
    });
  }
  if (shape.strings === 'shared') {
    zip.addReadStream(Readable.from(stringTable(strings)), 'xl/sharedStrings.xml', options);
  }
  for (const [name, text] of Object.entries(smallParts(sheets, shape.strings === 'shared'))) {
    zip.addBuffer(Buffer.from(HEAD + text), name);
  }
  zip.end();
  await written;
  renameSync(`${path}.tmp`, path);
  return path;

  async function* sheet(): AsyncGenerator<Buffer> {
    yield Buffer.from(`${HEAD}<worksheet xmlns="${MAIN}"><sheetData>${row(header, 1)}`);
    let text = '';
    const last = Math.min(shape.sheetRows ?? EXCEL_ROWS, EXCEL_ROWS);
    for (let number = 2; number <= last && left > 0 && !next.done; number++) {
      text += row(splitRow(next.value!), number);
      left--;
      next = await lines.next();
      if (text.length < 1 << 19) continue;
      yield Buffer.from(text);
      text = '';
    }
    yield Buffer.from(`${text}</sheetData></worksheet>`);
  }

  function row(values: Value[], number: number): string {
    let text = `<row r="${number}">`;
    for (let column = 0; column < values.length; column++) {
      const { value, quoted } = values[column]!;
      if (value === '') continue;
      if (!quoted && !shape.allText && /^-?\d+(\.\d+)?$/.test(value))
        text += `<c r="${names[column]}${number}"><v>${value}</v></c>`;
      else if (shape.strings === 'inline')
        text += `<c r="${names[column]}${number}" t="inlineStr"><is><t>${escapeXml(value)}</t></is></c>`;
      else text += `<c r="${names[column]}${number}" t="s"><v>${indexOf(value)}</v></c>`;
    }
    return `${text}</row>`;
  }

  function indexOf(value: string): number {
    const known = strings.get(value);
    if (known !== undefined) return known;
    strings.set(value, strings.size);
    return strings.size - 1;
  }
}

interface Value {
  value: string;
  quoted: boolean;
}

function splitRow(line: string): Value[] {
  const values: Value[] = [];
  let at = 0;
  while (at <= line.length) {
    if (line.charCodeAt(at) === 34) {
      let end = line.indexOf('"', at + 1);
      while (line.charCodeAt(end + 1) === 34) end = line.indexOf('"', end + 2);
      values.push({ value: line.slice(at + 1, end).replaceAll('""', '"'), quoted: true });
      at = end + 2;
    } else {
      const comma = line.indexOf(',', at);
      const end = comma < 0 ? line.length : comma;
      values.push({ value: line.slice(at, end), quoted: false });
      at = end + 1;
    }
  }
  return values;
}

const escapeXml = (text: string) =>
  /[&<>]/.test(text) ? text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;') : text;

function* stringTable(strings: Map<string, number>): Generator<Buffer> {
  let text = `${HEAD}<sst xmlns="${MAIN}" uniqueCount="${strings.size}">`;
  for (const value of strings.keys()) {
    text += `<si><t>${escapeXml(value)}</t></si>`;
    if (text.length < 1 << 19) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(`${text}</sst>`);
}

function smallParts(sheets: number, shared: boolean): Record<string, string> {
  const numbers = Array.from({ length: sheets }, (_, index) => index + 1);
  const part = (name: string, type: string) =>
    `<Override PartName="/xl/${name}.xml" ContentType="${TYPE}.${type}+xml"/>`;
  const relation = (id: string, type: string, target: string) =>
    `<Relationship Id="${id}" Type="${RELATIONS}/${type}" Target="${target}"/>`;
  return {
    '[Content_Types].xml': `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>${part('workbook', 'sheet.main')}${numbers.map((n) => part(`worksheets/sheet${n}`, 'worksheet')).join('')}${shared ? part('sharedStrings', 'sharedStrings') : ''}</Types>`,
    '_rels/.rels': `<Relationships xmlns="${PACKAGE}/relationships">${relation('rId1', 'officeDocument', 'xl/workbook.xml')}</Relationships>`,
    'xl/workbook.xml': `<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets>${numbers.map((n) => `<sheet name="Sheet${n}" sheetId="${n}" r:id="rId${n}"/>`).join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${PACKAGE}/relationships">${numbers.map((n) => relation(`rId${n}`, 'worksheet', `worksheets/sheet${n}.xml`)).join('')}${shared ? relation('rIdS', 'sharedStrings', 'sharedStrings.xml') : ''}</Relationships>`,
  };
}
