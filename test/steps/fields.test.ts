/** The contract of a roll's columns: fields.csv ↔ load ↔ rules ↔ stage ↔ schema. What breaks it is said by name. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engine.ts';
import { expressionsOf, loadingOf, rollColumnsOf } from '../../src/lineage.ts';
import type { Dataset } from '../../src/model.ts';
import { type Field, type FieldType, fields } from '../../src/reference.ts';
import { DATASETS, ROLLS } from '../../src/rolls.ts';
import { readRules } from '../../src/rules.ts';
import { ROOT } from '../workspace.ts';
import { openSampleRows } from './sampleRows.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** DuckDB's type of what a type of fields.csv is read as. */
const LOADED: Record<FieldType, string> = {
  int: 'BIGINT',
  signed: 'BIGINT',
  decimal: 'DECIMAL(18,4)',
  char: 'VARCHAR',
  'date-part': 'VARCHAR',
  digit: 'VARCHAR',
};

/** Columns that say which roll it is, and nothing of the row: a rule looks at them, nothing stages them. */
const UNSTAGED = ['FILE_T'];

/** Staged columns that no column of the same row makes: the run's county, what codes.csv, other rows and the day say. */
const MADE: Record<Dataset, RegExp> = {
  nal: /^(county|extra|row_hash|property_use_(desc|group)|latest_sale_\w+|days_since_sale|\w+_median_value|is_confidential)$/,
  sdf: /^(county|extra|row_hash|\w+_(desc|group)|is_qualified|transaction_\w+|days_since_sale)$/,
  nap: /^(county|extra|row_hash|is_confidential)$/,
};

/** Rules that list the columns of a kind with what fields.csv or codes.csv says of them, because that is faster. */
const WIDTH_RULE: Record<Dataset, string> = { nal: 'N46', sdf: 'S40', nap: 'P45' };
/** Texts whose width is a rule of its own. */
const OWN_WIDTH: Record<Dataset, string[]> = {
  nal: ['PARCEL_ID'],
  sdf: ['PARCEL_ID', 'SALE_ID_CD'],
  nap: ['ACCT_ID', 'TAX_AUTH_CD'],
};

/** What sql/stage selects: the published columns, those that the hash covers, and those that stay in the lake. */
function stagedColumns(dataset: Dataset) {
  const text = read(`sql/stage/${dataset}.sql`).replace(/^--.*\n/gm, '');
  const [before, hash, after] = text.split(/row_hash\(concat\(|\)\) as row_hash,?/);
  const names = (part: string) =>
    [...part.matchAll(/^\s+(\w+),?(?: chr\(31\),?)?$/gm)].map(([, name]) => name!);
  return { published: names(before!), hashed: names(hash!), inLake: names(after!) };
}

function schemaColumns(table: string): string[] {
  const [, body] = new RegExp(`^table ${table} .*\\n((?:  .*\\n)+)`, 'm').exec(read('sql/schema.txt'))!;
  const names = [...body!.matchAll(/^ {2}"?(\w+)"? (?:\w+(?: \w+)*)(?:\(\d+,\d+\))?(?: not null)?$/gm)];
  return names
    .map(([, name]) => name!)
    .filter((name) => !['constraint', 'policy', 'grant', 'index'].includes(name));
}

/** Fields that the load does not give with their type, and columns that it gives and that are no field. */
function loadFaults(dataset: Dataset, all: Field[], loaded: Map<string, string>): string[] {
  const technical = ['extra', 'line_hash', 'uncast'];
  const strange = [...loaded.keys()].filter(
    (name) => !technical.includes(name) && !all.some((field) => field.name.toLowerCase() === name),
  );
  return [
    ...all.flatMap(({ name, type }) => {
      const is = loaded.get(name.toLowerCase());
      if (is === LOADED[type]) return [];
      return `${name} is a field of the ${dataset} of type ${type}, and sql/load/${dataset}.sql ${is ? `makes it ${is}` : 'does not load it'}`;
    }),
    ...strange.map((name) => `sql/load/${dataset}.sql loads ${name}, which is no field of the ${dataset}`),
  ];
}

/** Fields that reach no staged column, and staged columns that come from none. */
function stageFaults(dataset: Dataset, all: Field[]): string[] {
  const { published, inLake } = stagedColumns(dataset);
  const sources = new Map([...published, ...inLake].map((name) => [name, rollColumnsOf(dataset, name)]));
  const reached = new Set([...sources.values()].flat());
  return [
    ...all
      .filter(({ name }) => !reached.has(name) && !UNSTAGED.includes(name))
      .map(
        ({ name }) =>
          `${name} is a field of the ${dataset} that no column of sql/stage/${dataset}.sql is made from`,
      ),
    ...[...sources]
      .filter(([name, from]) => from.length === 0 && !MADE[dataset].test(name))
      .map(
        ([name]) => `${name} is staged by sql/stage/${dataset}.sql and made from no field of the ${dataset}`,
      ),
  ];
}

/** What one list has and the other has not, or a sentence about their order. */
function listFaults(what: string, one: string[], other: string[]): string[] {
  const faults = [
    ...one
      .filter((name) => !other.includes(name))
      .map((name) => `${name}: ${what}, and it is only in the first`),
    ...other
      .filter((name) => !one.includes(name))
      .map((name) => `${name}: ${what}, and it is only in the second`),
  ];
  if (faults.length === 0 && one.join() !== other.join()) return [`${what}, and they differ in their order`];
  return faults;
}

/** Widths that the rule has otherwise than fields.csv. */
function widthFaults(dataset: Dataset, all: Field[], condition: string): string[] {
  const id = WIDTH_RULE[dataset];
  const found = new Map(
    [...condition.matchAll(/too_wide\((\w+), (\d+)\)/g)].map(([, name, width]) => [
      name!.toUpperCase(),
      width!,
    ]),
  );
  const wanted = all.filter(
    ({ name, type, maxWidth }) =>
      (type === 'char' || type === 'date-part') && maxWidth !== null && !OWN_WIDTH[dataset].includes(name),
  );
  return [
    ...wanted
      .filter(({ name, maxWidth }) => found.get(name) !== String(maxWidth))
      .map(
        ({ name, maxWidth }) =>
          `${name} has at most ${maxWidth} characters, and ${id} has ${found.get(name) ?? 'no line for it'}`,
      ),
    ...[...found.keys()]
      .filter((name) => !wanted.some((field) => field.name === name))
      .map((name) => `${id} looks at ${name}, which is no text of the ${dataset} with a width`),
  ];
}

let engine: Engine;
beforeAll(async () => {
  engine = await openSampleRows();
});
afterAll(() => engine?.close());

describe.each([...DATASETS])('%s', (dataset) => {
  const all = fields(dataset);
  const added: Field = { ...all[0]!, name: 'NEW_COLUMN', type: 'char', maxWidth: 7 };

  test('fields.csv is whole', () => {
    const rows = read('data/reference/fields.csv')
      .split('\n')
      .filter((row) => row.startsWith(dataset.toUpperCase()));
    expect(rows.map((row) => Number(row.split(',')[1]))).toEqual(all.map((_, index) => index + 1));
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    const lists = new Set(
      read('data/reference/codes.csv')
        .split('\n')
        .map((row) => row.split(',')[0]),
    );
    const faults = all.flatMap(({ name, type, codelist, since, until }) => [
      ...(type in LOADED ? [] : [`${name} has the type ${type}, which nothing reads`]),
      ...(codelist === null || lists.has(codelist)
        ? []
        : [`${name} has the code list ${codelist}, which is not in codes.csv`]),
      ...((since ?? 0) <= (until ?? 9999) ? [] : [`${name} ends before it begins`]),
    ]);
    expect(faults).toEqual([]);
  });

  test('every field is loaded, typed as fields.csv says, in its order', async () => {
    const described = await engine.rows(`describe select * exclude (record) from base_${dataset}`);
    const loaded = new Map(described.map((row) => [String(row.column_name), String(row.column_type)]));
    expect(loadFaults(dataset, all, loaded)).toEqual([]);
    expect([...loaded.keys()].slice(0, all.length)).toEqual(all.map(({ name }) => name.toLowerCase()));
    expect(loadFaults(dataset, [...all, added], loaded)).toEqual([
      `NEW_COLUMN is a field of the ${dataset} of type char, and sql/load/${dataset}.sql does not load it`,
    ]);
    expect(loadFaults(dataset, all.slice(1), loaded)).toEqual([
      `sql/load/${dataset}.sql loads co_no, which is no field of the ${dataset}`,
    ]);
  });

  test('a column is traced to the line that loads it', () => {
    const file = read(`sql/load/${dataset}.sql`).split('\n');
    for (const { name } of all) {
      const { line, expression } = loadingOf(dataset, name)!;
      expect(file[line - 1], name).toContain(`${expression.slice(0, expression.indexOf('('))}(`);
    }
  });

  test('every field reaches a staged column, and every staged column has its fields', () => {
    expect(stageFaults(dataset, all)).toEqual([]);
    expect(stageFaults(dataset, [...all, added])).toEqual([
      `NEW_COLUMN is a field of the ${dataset} that no column of sql/stage/${dataset}.sql is made from`,
    ]);
  });

  test('what is published is hashed, and is what the schema has', () => {
    const { published, hashed } = stagedColumns(dataset);
    expect(listFaults('published and hashed', published, hashed)).toEqual([]);
    const schema = schemaColumns(ROLLS[dataset].table);
    expect(listFaults('staged and in the schema', [...published, 'row_hash'], schema)).toEqual([]);
    expect(listFaults('a and b', ['x', 'y'], ['x'])).toEqual(['y: a and b, and it is only in the first']);
    expect(listFaults('a and b', ['x', 'y'], ['y', 'x'])).toHaveLength(1);
  });

  test('the width rule has the widths of fields.csv', () => {
    const { condition } = readRules(dataset).find(({ id }) => id === WIDTH_RULE[dataset])!;
    expect(widthFaults(dataset, all, condition!)).toEqual([]);
    expect(widthFaults(dataset, [...all, added], condition!)).toEqual([
      `NEW_COLUMN has at most 7 characters, and ${WIDTH_RULE[dataset]} has no line for it`,
    ]);
  });
});

test.each([
  ['N17', 'school'],
  ['N18', 'county'],
])('%s deducts the exemptions that codes.csv gives to %s levies', (id, levy) => {
  const rows = [...read('data/reference/codes.csv').matchAll(/^nal_exemption_levies,(\w+),(.*)$/gm)];
  const wanted = rows
    .filter(([, , levies]) => levies!.trim().split('|').includes(levy))
    .map(([, code]) => code!);
  const { condition } = readRules('nal').find((rule) => rule.id === id)!;
  const found = [...condition!.matchAll(/coalesce\((exmpt_\d+), 0\)/g)].map(([, name]) =>
    name!.toUpperCase(),
  );
  expect(listFaults(`in codes.csv and in ${id}`, wanted, found)).toEqual([]);
  expect(wanted.length).toBeGreaterThan(30);
});

test('the map of exemptions has every exemption of fields.csv under its own name', () => {
  const [made] = expressionsOf('nal', 'exemptions');
  const found = [...made!.expression.matchAll(/'key': '(\w+)', 'value': n\.(\w+)/g)];
  const amounts = fields('nal')
    .map(({ name }) => name)
    .filter((name) => /^EXMPT_\d/.test(name));
  expect(
    listFaults(
      'in fields.csv and in exemptions',
      amounts,
      found.map(([, key]) => key!),
    ),
  ).toEqual([]);
  expect(found.filter(([, key, column]) => key!.toLowerCase() !== column)).toEqual([]);
});
