/** Writes test/cases/xlsx: each case of cases.ts as a workbook beside its expected CSV, and one made by exceljs. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ExcelJS from 'exceljs';
import { ROOT } from '../../../src/project.ts';
import { CASES } from './cases.ts';
import { workbookOf } from './handmade.ts';

const folder = join(ROOT, 'test/cases/xlsx');
mkdirSync(folder, { recursive: true });
for (const [name, { book, expected }] of Object.entries(CASES)) {
  writeFileSync(join(folder, `${name}.xlsx`), await workbookOf(book));
  writeFileSync(join(folder, `${name}.csv`), `${expected.join('\n')}\n`);
}

const book = new ExcelJS.Workbook();
const sheet = book.addWorksheet('Sales');
sheet.addRow(['Sales of the county']);
sheet.mergeCells('A1:C1');
sheet.addRow(['Parcel', 'Sold', 'Price', 'Qualified', 'Note', 'Formula', 'Link']);
sheet.addRow([
  '0042',
  new Date(Date.UTC(2025, 0, 31)),
  1234567.5,
  true,
  { richText: [{ text: 'rich ', font: { bold: true } }, { text: 'text' }] },
  { formula: 'C3*2', result: 2469135 },
  { text: 'portal', hyperlink: 'https://example.org/' },
]);
sheet.addRow(['A & B <C>', null, 0, false, { error: '#N/A' }]);
sheet.getCell('A3').numFmt = '@';
book.addWorksheet('Empty');
writeFileSync(join(folder, 'by-exceljs.xlsx'), Buffer.from(await book.xlsx.writeBuffer()));
const lines = [
  'Sales,1,Sales of the county',
  'Sales,2,Parcel,Sold,Price,Qualified,Note,Formula,Link',
  'Sales,3,0042,2025-01-31,1234567.5,TRUE,rich text,2469135,portal',
  'Sales,4,A & B <C>,,0,FALSE,#N/A',
];
writeFileSync(join(folder, 'by-exceljs.csv'), `${lines.join('\n')}\n`);
