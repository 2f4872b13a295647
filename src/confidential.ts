/**
 * What is confidential: a parcel or account of which a record says that its owner's home is exempt from disclosure. What
 * says so, and when two ids are one, is in sql/normalize/confidential.sql; here is which records are asked.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from './engine.ts';
import { letterFiles, partitionsIn } from './lake/paths.ts';
import { stagedFile } from './lake/staged.ts';
import { rollColumnsOf } from './lineage.ts';
import type { County, Dataset, Partition } from './model.ts';
import { SQL } from './project.ts';
import { ROLLS } from './rolls.ts';
import { literal, parquet, verbatim } from './sqlText.ts';

/** Stands where a value was left out because of what its parcel is. */
export const CONFIDENTIAL = '(confidential)';

/** The engine, or a connection to it. */
interface Session {
  run(sql: string): Promise<unknown>;
}

/** Parquet files that tell which parcels and accounts are confidential: staged rolls, and dead letters. */
export interface TellingFiles {
  rolls: string[];
  letters: string[];
}

/** Those of a county, of all years: a home does not move. Dead letters are those of accepted and of stopped runs. */
export function tellingFiles(lake: string, county: County): TellingFiles {
  const withOwners = (part: 'staged' | 'rejected') =>
    partitionsIn(lake, part, county).filter(({ dataset }) => ROLLS[dataset].hasOwners);
  const rolls = withOwners('staged').map((partition) => stagedFile(lake, partition));
  return {
    rolls: rolls.filter((file) => existsSync(file)),
    letters: withOwners('rejected').flatMap((partition) => letterFiles(lake, partition)),
  };
}

/** What is read of them, as far as a file has it: there are older ones. */
const ROLL_COLUMNS = { parcel_id: 'varchar', account_id: 'varchar', is_confidential: 'boolean' };
const LETTER_COLUMNS = { record_id: 'varchar', text: 'varchar' };

const someOf = (columns: Record<string, string>) =>
  `columns(c -> c in (${Object.keys(columns).map(literal).join(', ')}))`;

/** Those of the files that cannot be read, as far as they tell. */
export async function damagedAmong(session: Session, { rolls, letters }: TellingFiles): Promise<string[]> {
  return [
    ...(await unreadable(session, rolls, someOf(ROLL_COLUMNS))),
    ...(await unreadable(session, letters, someOf(LETTER_COLUMNS))),
  ];
}

/** Those of the files of which these columns cannot be read. */
export async function unreadable(session: Session, files: string[], columns: string): Promise<string[]> {
  const found: string[] = [];
  for (const file of files)
    await session.run(`select count(${columns}) from ${parquet(file)}`).catch(() => found.push(file));
  return found;
}

/** Leaves a table of the keys of all parcels and accounts that these files tell to be confidential, and the macros to use it. */
export async function gatherKeys(
  session: Session,
  { rolls, letters }: TellingFiles,
  table = 'confidential_keys',
): Promise<void> {
  const all = (files: string[], columns: Record<string, string>) =>
    [
      `select ${Object.entries(columns)
        .map(([name, type]) => `null::${type} as ${name}`)
        .join(', ')} where false`,
      ...files.map((file) => `select ${someOf(columns)} from ${parquet(file)}`),
    ].join(' union all by name ');
  await session.run(readFileSync(join(SQL, 'normalize/confidential.sql'), 'utf8'));
  await session.run(`create or replace temp view telling_rolls as ${all(rolls, ROLL_COLUMNS)}`);
  await session.run(`create or replace temp view telling_letters as ${all(letters, LETTER_COLUMNS)}`);
  const keys = readFileSync(join(SQL, 'normalize/confidential_keys.sql'), 'utf8');
  await session.run(`create or replace temp table ${table} as ${keys}`);
}

/**
 * Leaves `confidential_keys`: what the lake knows of the county. The sales roll has no owners and needs it. A damaged
 * file is made again by the run that finds it so, which then hides what it says.
 */
export async function listConfidential(session: Session, lake: string, { county }: Partition): Promise<void> {
  const files = tellingFiles(lake, county);
  const damaged = await damagedAmong(session, files);
  await gatherKeys(session, without(files, new Set(damaged)));
}

/** The files that are left. */
export const without = ({ rolls, letters }: TellingFiles, damaged: Set<string>): TellingFiles => ({
  rolls: rolls.filter((file) => !damaged.has(file)),
  letters: letters.filter((file) => !damaged.has(file)),
});

/** Adds the ids in records that are no rows to `confidential_keys`. @param path NDJSON of the reading; null when there are none. */
export async function addMalformed(engine: Engine, path: string | null): Promise<void> {
  if (!path) return;
  await engine.run(
    `insert into confidential_keys
     select distinct unnest(id_keys_in(text))
     from read_json(${literal(verbatim(path))}, format = 'newline_delimited', maximum_object_size = 16777216, columns = {text: 'varchar'})
     where confidential(text)`,
  );
}

/** Loaded columns in which a record may say that it is confidential: those that `is_confidential` is made from. */
const marksOf = (dataset: Dataset) =>
  rollColumnsOf(dataset, 'is_confidential').map((name) => name.toLowerCase());

const says = (columns: string[]) => `confidential(concat_ws(' | ', ${columns.join(', ')}))`;

/**
 * When a loaded or staged row is confidential: it says so, or another record says so of its parcel or account. Of rows in
 * which nothing could say so, although the roll has owners, the view of the loaded roll is asked.
 * @param columns of the relation.
 */
export function confidentialRow(dataset: Dataset, columns: Iterable<string>): string {
  const known = new Set(columns);
  const { keys, hasOwners } = ROLLS[dataset];
  const [loaded, staged] = [keys.loaded[0]!, keys.staged[0]!];
  const id = [loaded, staged].find((name) => known.has(name));
  const marks = marksOf(dataset);
  const own = marks.filter((name) => known.has(name));
  const conditions = ['false'];
  if (id) conditions.push(`of_confidential(${id})`);
  if (known.has('is_confidential')) conditions.push('is_confidential');
  else if (own.length > 0) conditions.push(says(own));
  else if (id && hasOwners)
    conditions.push(`id_key(${id}) in (select id_key(${loaded}) from ${dataset} where ${says(marks)})`);
  return `(${conditions.join(' or ')})`;
}

/** Those of the ids that are of a confidential parcel or account. */
export const confidentialIds = (engine: Engine, ids: string[]) => matching(engine, ids, 'key = id_key(text)');

/** Those of the texts that name a confidential parcel or account. */
export const namingConfidential = (engine: Engine, texts: string[]) =>
  matching(engine, texts, 'mentions(text, key)');

async function matching(engine: Engine, texts: string[], condition: string): Promise<Set<string>> {
  if (texts.length === 0) return new Set();
  const list = [...new Set(texts)].map(literal).join(', ');
  const rows = await engine.rows(
    `select distinct text from (select unnest([${list}]) as text) join confidential_keys on ${condition}`,
  );
  return new Set(rows.map(({ text }) => String(text)));
}
