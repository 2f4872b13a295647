/** What the tests of the workbook reader share. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CsvWriter } from '../../../src/source/xlsx/csv.ts';
import { XlsxError } from '../../../src/source/xlsx/errors.ts';
import type { XlsxLimits } from '../../../src/source/xlsx/limits.ts';
import { Workbook } from '../../../src/source/xlsx/workbook.ts';

/** All sheets as CSV, each line beginning with the sheet's name and the row's number. */
export async function readAll(
  path: string,
  chunkBytes?: number,
  limits?: Partial<XlsxLimits>,
): Promise<string> {
  const scratch = mkdtempSync(join(tmpdir(), 'dor-xlsx-'));
  const workbook = await Workbook.open(path, { scratch, chunkBytes, limits });
  try {
    let text = '';
    for (const sheet of workbook.sheets.filter(({ part }) => part !== null)) {
      let line = '';
      const csv = new CsvWriter((block) => {
        line = block.toString();
      });
      await workbook.readRows(sheet, (row) => {
        csv.render(row, row.column[row.count - 1]! + 1);
        csv.flush();
        text += `${sheet.name},${row.number},${line}`;
      });
    }
    return text;
  } finally {
    workbook.close();
    rmSync(scratch, { recursive: true });
  }
}

/** The same, with an expected failure as text. Anything else that is thrown is a failure of the test. */
export async function outcome(
  path: string,
  chunkBytes?: number,
  limits?: Partial<XlsxLimits>,
): Promise<string> {
  try {
    return await readAll(path, chunkBytes, limits);
  } catch (error) {
    if (error instanceof XlsxError) return `refused: ${error.message}`;
    throw error;
  }
}
