/** The work that `bench/xlsx.ts` times, each in a process of its own: `node xlsxJobs.ts <job> <file> [<out>]`. */

import { closeSync, createReadStream, openSync, writeSync } from 'node:fs';
import { createInflateRaw } from 'node:zlib';
import yauzl from 'yauzl';
import { fields } from '../src/reference.ts';
import { ROW_GROUP } from '../src/routing.ts';
import { CsvWriter } from '../src/source/xlsx/csv.ts';
import { Workbook } from '../src/source/xlsx/workbook.ts';

const [, , job, file, out] = process.argv as [string, string, string, string, string];
const COLUMNS = fields('nal').map(({ name }) => name);

/** Inflates the sheets and does nothing else. Returns the bytes. */
async function floor(): Promise<number> {
  const zip = await yauzl.openPromise(file, { autoClose: false, lazyEntries: true });
  let bytes = 0;
  for await (const entry of zip.eachEntry()) {
    if (!/sheet\d+\.xml$/.test(entry.fileName)) continue;
    const { fileDataStart: start } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
    const raw = createReadStream(file, {
      start,
      end: start + entry.compressedSize - 1,
      highWaterMark: 1 << 20,
    });
    const inflate = raw.pipe(createInflateRaw({ chunkSize: 1 << 20 }));
    inflate.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    await new Promise((resolve, reject) => inflate.on('end', resolve).on('error', reject));
  }
  zip.close();
  return bytes;
}

/** Visits every cell. Returns their number. */
async function scan(): Promise<number> {
  let cells = 0;
  await eachRow((row) => {
    cells += row.count;
  });
  return cells;
}

async function csv(): Promise<number> {
  const target = openSync(out, 'w');
  const writer = new CsvWriter((block) => writeSync(target, block));
  let rows = 0;
  await eachRow((row) => {
    writer.render(row, COLUMNS.length);
    writer.keep();
    rows++;
  });
  writer.flush();
  closeSync(target);
  return rows;
}

async function eachRow(visit: Parameters<Workbook['readRows']>[1]): Promise<void> {
  const workbook = await Workbook.open(file, { scratch: process.env.DOR_SCRATCH ?? '.' });
  for (const sheet of workbook.sheets) await workbook.readRows(sheet, visit);
  workbook.close();
}

/** The workbook as text columns to Parquet, by way of a CSV. */
async function xlsxToParquet(): Promise<number> {
  await csv();
  return copyToParquet(out, `${out}.parquet`);
}

async function copyToParquet(from: string, to: string): Promise<number> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '2',
    memory_limit: '560MB',
    preserve_insertion_order: 'false',
  });
  const connection = await instance.connect();
  const types = COLUMNS.map((name) => `'${name}': 'varchar'`).join(', ');
  await connection.run(
    `copy (from read_csv('${from}', auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', columns = {${types}}))
     to '${to}' (format parquet, compression zstd, row_group_size ${ROW_GROUP})`,
  );
  const reader = await connection.runAndReadAll(`select count(*)::integer from '${to}'`);
  return Number(reader.getRows()[0]![0]);
}

/** Every cell through exceljs's streaming reader. */
async function exceljs(): Promise<number> {
  const { default: ExcelJS } = await import('exceljs');
  let cells = 0;
  const reader = new ExcelJS.stream.xlsx.WorkbookReader(file, {
    sharedStrings: 'cache',
    worksheets: 'emit',
    styles: 'ignore',
    hyperlinks: 'ignore',
    entries: 'ignore',
  });
  for await (const sheet of reader) for await (const row of sheet) cells += row.actualCellCount;
  return cells;
}

const jobs = { floor, scan, csv, xlsxToParquet, csvToParquet: () => copyToParquet(file, out), exceljs };
const before = process.cpuUsage();
const started = performance.now();
const result = await jobs[job as keyof typeof jobs]();
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(before);
const cpu = (user + system) / 1e6;
const rssMb = Math.round(process.resourceUsage().maxRSS / 1024);
process.stdout.write(JSON.stringify({ seconds, cpu, rssMb, result }));
