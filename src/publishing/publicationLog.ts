/** The target's publication log: one row a publication; the newest of a partition says what its table holds. */

import type { Changes, Partition, Publication, Revision } from '../model.ts';
import { ROLLS } from '../rolls.ts';
import type { Target, TargetRow, Transaction } from '../target/target.ts';

type Reader = Pick<Target, 'query'>;

/** Publications of a partition, newest first; none when the target has no publication log yet. */
export async function readPublications(target: Reader, partition: Partition): Promise<Publication[]> {
  const [known] = await target.query(
    "select to_regclass('dor_internal.publications') is not null as present",
  );
  if (known?.present !== true) return [];
  const rows = await target.query(
    `select id::text as id, run, row_count::text as row_count, checksum::text as checksum, source_sha256, stage,
       submission, sql_version, sample,
       to_char(published_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as published_at
     from dor_internal.publications where table_name = $1 and county_no = $2 and year = $3
     order by publications.id desc`,
    [ROLLS[partition.dataset].table, partition.county.no, partition.year],
  );
  return rows.map(toPublication);
}

/** Roll years of a county's table that the publication log knows, newest first. */
export async function publishedYears(
  target: Reader,
  { dataset, county }: Omit<Partition, 'year'>,
): Promise<number[]> {
  const [known] = await target.query(
    "select to_regclass('dor_internal.publications') is not null as present",
  );
  if (known?.present !== true) return [];
  const rows = await target.query(
    'select distinct year from dor_internal.publications where table_name = $1 and county_no = $2 order by year desc',
    [ROLLS[dataset].table, county.no],
  );
  return rows.map(({ year }) => Number(year));
}

/**
 * A publication log that was copied or restored row by row has a sequence that is behind: what is published now would get an id
 * before that of something older, or one that is taken.
 */
const SEQUENCE_FOLLOWS = `
  select setval(s.name::regclass, newest.id)
  from (select pg_get_serial_sequence('dor_internal.publications', 'id') as name) s,
    (select max(id) as id from dor_internal.publications) newest
  where newest.id > coalesce(pg_sequence_last_value(s.name::regclass), 0)`;

/** Enters a publication and returns its id. */
export async function writePublication(
  transaction: Transaction,
  { dataset, county, year }: Partition,
  to: Revision,
  changes: Changes,
): Promise<string> {
  await transaction.query(SEQUENCE_FOLLOWS);
  const [row] = await transaction.query(
    `insert into dor_internal.publications (table_name, county_no, year, run, source_sha256, stage, submission,
       sql_version, sample, row_count, checksum, inserted, updated, deleted)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) returning id::text as id`,
    [
      ROLLS[dataset].table,
      county.no,
      year,
      to.run,
      to.sourceSha256,
      to.stage,
      to.submission,
      to.sqlVersion,
      to.sample,
      to.rows,
      to.checksum,
      changes.insert,
      changes.update,
      changes.delete,
    ],
  );
  return String(row!.id);
}

function toPublication(row: TargetRow): Publication {
  const text = row as Record<string, string | null>;
  return {
    id: text.id!,
    run: text.run!,
    rows: Number(text.row_count),
    checksum: text.checksum!,
    sourceSha256: text.source_sha256!,
    stage: text.stage ?? null,
    submission: text.submission ?? null,
    sqlVersion: text.sql_version!,
    sample: row.sample === true,
    publishedAt: text.published_at!,
  };
}
