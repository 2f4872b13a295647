/** Dead letters: every record that is not staged, with its line, its original text and the reason. */

import { createWriteStream, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Engine } from '../engine.ts';
import type { Partition, SourceInfo } from '../model.ts';
import { SQL } from '../project.ts';
import { ROLLS } from '../rolls.ts';
import type { LocatedRecord } from '../source/locate.ts';
import { literal, verbatim } from '../sqlText.ts';

export interface DeadLetterCounts {
  /** Records that break a rule of severity error. */
  rejectedRule: number;
  /** Later copies of a key. */
  duplicates: number;
}

/** Finds records in the source file by their sorted ordinals. */
export type Locate = (ordinals: number[]) => AsyncIterable<LocatedRecord>;

export interface RejectInput {
  partition: Partition;
  /** Run of the dead letters. */
  run: string;
  source: Pick<SourceInfo, 'file' | 'members'>;
  locate: Locate;
  /** NDJSON of the records that are no rows; null when there are none. */
  structurePath: string | null;
}

/**
 * Decides which records are dropped and leaves the tables `dropped` and `dead_letters`; reads `rejects` and
 * `duplicate_groups` as validation left them. The dead letters are written to the scratch folder, as `path`.
 * Rows have no order inside the engine, so the file is read again, in order, but only when there is a row to find.
 */
export async function reject(
  engine: Engine,
  input: RejectInput,
  scratch: string,
): Promise<DeadLetterCounts & { path: string }> {
  const { dataset } = input.partition;
  await engine.set({ dataset, duplicate_rule: ROLLS[dataset].duplicateRule });
  await locateRecords(engine);
  await engine.file(join(SQL, 'reject/dropped.sql'));

  const ordinals = await engine.rows(
    `select distinct ordinal from located l join (select record from rejects union select record from duplicate_groups)
     using (record) order by ordinal`,
  );
  const texts = join(scratch, `rejected_${dataset}.ndjson`);
  await writeLines(texts, input.locate(ordinals.map((row) => Number(row.ordinal))));
  const structure = input.structurePath ?? join(scratch, 'none.ndjson');
  if (!existsSync(structure)) writeFileSync(structure, '');
  await engine.set({ texts: verbatim(texts), structure: verbatim(structure) });
  await engine.file(join(SQL, 'reject/dead_letters.sql'));

  const path = join(scratch, `rejected_${dataset}.parquet`);
  await writeDeadLetters(engine, input, path);
  const counts = await engine.row(
    'select count(*) filter (not duplicate) as broken, count(*) filter (duplicate) as copies from dropped',
  );
  return { rejectedRule: Number(counts.broken), duplicates: Number(counts.copies), path };
}

async function writeDeadLetters(
  engine: Engine,
  { partition: { dataset, county, year }, run, source }: RejectInput,
  path: string,
): Promise<void> {
  await engine.run(
    `copy (
       select ${literal(dataset)} as dataset, ${literal(county.slug)} as county, ${year}::smallint as year,
         ${literal(run)} as run, ${literal(source.file)} as file,
         nullif(concat_ws(' › ', ${literal(source.members.join(' › ') || null)}, sheet), '') as member, * exclude (sheet)
       from dead_letters order by member, line, rule
     ) to ${literal(path)} (format parquet, compression zstd)`,
  );
}

async function locateRecords(engine: Engine): Promise<void> {
  const { wanted } = await engine.row(
    'select (select count(*) from rejects) + (select count(*) from duplicate_groups) as wanted',
  );
  await engine.run('create or replace temp table located (record bigint, ordinal bigint)');
  if (Number(wanted) === 0) return;
  await engine.run('set preserve_insertion_order = true');
  try {
    await engine.file(join(SQL, 'reject/ordinals.sql'));
  } finally {
    await engine.run('set preserve_insertion_order = false');
  }
}

async function writeLines(path: string, records: AsyncIterable<LocatedRecord>): Promise<void> {
  const lines = async function* () {
    for await (const record of records) yield `${JSON.stringify(record)}\n`;
  };
  await pipeline(Readable.from(lines()), createWriteStream(path));
}
