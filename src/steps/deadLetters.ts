/** Dead letters: every record that is not staged, with its line, its original text and the reason. */

import { createWriteStream, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Engine, verbatim } from '../engine.ts';
import type { Dataset } from '../model.ts';
import { SQL } from '../project.ts';
import type { LocatedRecord } from '../source/locate.ts';
import { DUPLICATE_RULE } from './validate.ts';

export interface DeadLetterCounts {
  /** Records that break a rule of severity error. */
  rejectedRule: number;
  /** Later copies of a key. */
  duplicates: number;
}

/** Finds records in the source file by their sorted ordinals. */
export type Locate = (ordinals: number[]) => AsyncIterable<LocatedRecord>;

/**
 * Decides which records are dropped and leaves the tables `dropped(record, duplicate, …)` and `dead_letters(kind,
 * line, rule, message, detail, text)`. Reads `rejects` and `duplicate_groups` as validation left them.
 * Rows have no order inside the engine, so the file is read again, in order, but only when there is a row to find.
 * @param structurePath NDJSON of the records that are no rows, from the reading; null when there are none.
 */
export async function collectDeadLetters(
  engine: Engine,
  dataset: Dataset,
  locate: Locate,
  structurePath: string | null,
  scratch: string,
): Promise<DeadLetterCounts> {
  await engine.set({ dataset, duplicate_rule: DUPLICATE_RULE[dataset] });
  await locateRecords(engine);
  await engine.file(join(SQL, 'reject/dropped.sql'));

  const ordinals = await engine.rows(
    `select distinct ordinal from located l join (select record from rejects union select record from duplicate_groups)
     using (record) order by ordinal`,
  );
  const texts = join(scratch, `rejected_${dataset}.ndjson`);
  await writeLines(texts, locate(ordinals.map((row) => Number(row.ordinal))));
  const structure = structurePath ?? join(scratch, 'none.ndjson');
  if (!existsSync(structure)) writeFileSync(structure, '');
  await engine.set({ texts: verbatim(texts), structure: verbatim(structure) });
  await engine.file(join(SQL, 'reject/dead_letters.sql'));

  const counts = await engine.row(
    'select count(*) filter (not duplicate) as broken, count(*) filter (duplicate) as copies from dropped',
  );
  return { rejectedRule: Number(counts.broken), duplicates: Number(counts.copies) };
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
