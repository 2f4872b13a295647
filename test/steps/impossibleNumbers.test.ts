import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { splitLine } from '../../src/csvLine.ts';
import type { Dataset } from '../../src/model.ts';
import { SQL } from '../../src/project.ts';
import { fields } from '../../src/reference.ts';
import { DATASETS, ROLLS } from '../../src/rolls.ts';
import { putEmbedded } from '../embedded.ts';
import { asked, ingestHere } from '../inProcess.ts';
import { csvLine, smallCounty } from '../smallCounty.ts';
import { dataFolder } from '../workspace.ts';

/** The ends of what a bigint holds, one more than a smallint does, a year with its month, more digits than a roll has, and all of them. */
const NUMBERS = [
  '9223372036854775807',
  '-9223372036854775808',
  '32768',
  '202404',
  '999999999999999',
  '999999999999',
];

/** A row of the roll in which one column holds one of the numbers. */
interface Spoilt {
  line: number;
  column: string;
  value: string;
}

/** What says which partition a file is: a file that mixes several is refused as a whole (F07). */
const PARTITION = ['CO_NO', 'ASMNT_YR'];

/** Writes each number into each numeric column but those of the partition, or into these; always in another row. */
function spoil(path: string, dataset: Dataset, ofPartition: boolean): { spoilt: Spoilt[]; rows: number } {
  const [header, ...lines] = readFileSync(path, 'utf8').trim().split('\r\n');
  const columns = splitLine(header!);
  const numeric = fields(dataset).filter(({ type }) => type !== 'char');
  const chosen = numeric.filter(({ name }) => PARTITION.includes(name) === ofPartition);
  const wanted = chosen.flatMap(({ name }) => NUMBERS.map((value) => ({ column: name, value })));
  expect(lines.length).toBeGreaterThan(wanted.length);
  wanted.forEach(({ column, value }, index) => {
    const cells = splitLine(lines[index]!);
    cells[columns.indexOf(column)] = value;
    lines[index] = csvLine(cells);
  });
  writeFileSync(path, `${[header, ...lines].join('\r\n')}\r\n`);
  return { spoilt: wanted.map((one, index) => ({ ...one, line: index + 2 })), rows: lines.length };
}

/** Where a column is staged: the SQL that names it says so. */
function stagedColumns(dataset: Dataset): Map<string, string> {
  const text = readFileSync(join(SQL, `normalize/${dataset}.sql`), 'utf8');
  const plain = /^\s+(?:\w+\()?[ns]\.(\w+)(?: as smallint)?\)?(?:::smallint)? as (\w+),?$/gm;
  const found = [...text.matchAll(plain)].map(([, name, as]) => [name!.toUpperCase(), as!] as const);
  const exemptions = fields(dataset).filter(({ name }) => /^EXMPT_\d/.test(name));
  return new Map([...found, ...exemptions.map(({ name }) => [name, `exemptions['${name}']`] as const)]);
}

test('a number that nothing can hold costs its own row, and none is staged as another one', async () => {
  const data = dataFolder();
  await putEmbedded(join(data, 'target'));
  const files = await smallCounty(data, 1000);
  const original = new Map(files.map(({ path }) => [path, readFileSync(path, 'utf8').trim().split('\r\n')]));
  const fileOf = (dataset: Dataset) =>
    files.find(({ path }) => basename(path).startsWith(dataset.toUpperCase()))!.path;
  const spoilt = new Map(DATASETS.map((dataset) => [dataset, spoil(fileOf(dataset), dataset, false)]));

  const { code, manifests } = await ingestHere(data, { county: 'union', maxRejectPct: 100 });
  expect(manifests.map(({ status, reason }) => [status, reason])).toEqual(
    DATASETS.map(() => ['published', null]),
  );
  expect(code).toBe(0);

  const read = async (query: string) => {
    const found = await asked(data, query, 'ndjson');
    return found
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string | null>);
  };
  for (const dataset of DATASETS) {
    const letters = await read(
      `select line::varchar as line, rule, message from rejected where dataset = '${dataset}'`,
    );
    const refused = new Map(letters.map((letter) => [Number(letter.line), letter]));
    const { spoilt: cells, rows } = spoilt.get(dataset)!;
    // Whatever is no spoilt row was accepted.
    const last = cells.at(-1)!.line;
    expect([...refused.keys()].filter((line) => line > last)).toEqual([]);
    const [held] = await read(`select count(*)::varchar as n from ${ROLLS[dataset].table}`);
    expect(Number(held!.n)).toBe(rows - refused.size);

    const lines = original.get(fileOf(dataset))!;
    const header = splitLine(lines[0]!);
    const as = stagedColumns(dataset);
    const keys = { nal: ['PARCEL_ID'], sdf: ['PARCEL_ID', 'SALE_ID_CD'], nap: ['ACCT_ID'] }[dataset];
    const staged = cells.filter(({ line }) => !refused.has(line));
    expect(staged.length).toBeGreaterThan(0);
    const columns = [...new Set([...keys, ...staged.map(({ column }) => column)])];
    const select = columns.map((name) => `(${as.get(name) ?? name.toLowerCase()})::varchar as ${name}`);
    const found = await read(`select ${select.join(', ')} from ${ROLLS[dataset].table}`);
    const byKey = new Map(found.map((row) => [keys.map((name) => row[name]).join('|'), row]));
    const heldIn = ({ line, column }: Spoilt) => {
      const values = splitLine(lines[line - 1]!);
      const key = keys.map((name) => values[header.indexOf(name)]!.trim()).join('|');
      return byKey.get(key)?.[column]?.replace(/\.0+$/, '');
    };
    for (const cell of staged) {
      // The serial of an account is nothing that a row is refused for: P42 warns, and it is left out.
      const lost = dataset === 'nap' && cell.column === 'SEQ_NO' && cell.value.length > 12;
      const expected = lost ? undefined : cell.value;
      expect(`${dataset} ${cell.column} ${heldIn(cell)}`).toBe(`${dataset} ${cell.column} ${expected}`);
    }
    expect(refused.size).toBeGreaterThan(0);
    for (const { line, column } of cells.filter(({ line }) => refused.has(line))) {
      const { rule, message } = refused.get(line)!;
      expect(`${column} ${rule} ${message}`).toMatch(/ [NSP]\d\d .{10}/);
    }
  }
});

test('such a number for county or year is no other partition, and no crash', async () => {
  const data = dataFolder();
  const files = await smallCounty(data, 200);
  for (const [index, dataset] of (['nal', 'sdf', 'nap'] as const).entries())
    spoil(files[index]!.path, dataset, true);
  const { code, manifests } = await ingestHere(data, { county: 'union', push: false, maxRejectPct: 100 });
  expect(code).toBe(1);
  expect(manifests.map(({ status, reason }) => `${status} ${reason}`)).toEqual(
    files.map(() => expect.stringMatching(/^stopped F07 /)),
  );
});
