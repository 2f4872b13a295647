/** The lake: is every staged file what was written, byte for byte and row for row, and can the others be read? */

import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Engine, withEngine } from '../engine.ts';
import { type Damage, describeDamage, stagedDamage } from '../lake/damage.ts';
import { HISTORIES, historyFolder } from '../lake/history.ts';
import { readRun, readStaged, runNames } from '../lake/manifest.ts';
import { deadLettersFile, partitionsIn, runsFolder } from '../lake/paths.ts';
import { isReadable, revisionOf, stagedFile } from '../lake/staged.ts';
import type { Partition } from '../model.ts';
import { damagedRows } from '../publishing/verifyContent.ts';
import { counties } from '../reference.ts';
import { type Diagnosis, fail, ok, warn } from './diagnosis.ts';

const MEMORY_MB = 512;

/** Every byte is read: 3 s for a county of 1.2 million parcels. */
export async function checkLake(lake: string): Promise<Diagnosis[]> {
  const partitions = counties().flatMap((county) => partitionsIn(lake, 'staged', county));
  if (partitions.length === 0) return [ok('lake', 'nothing is staged yet')];
  return withEngine(mkdtempSync(join(tmpdir(), 'dor-doctor-')), MEMORY_MB, async (engine) => {
    const found: Diagnosis[] = [];
    for (const partition of partitions) found.push(...(await checkPartition(engine, lake, partition)));
    found.push(...checkRuns(lake), ...(await checkHistory(engine, lake)));
    const sound = `${partitions.length} staged partitions are what was written, byte for byte and row for row`;
    return found.length > 0 ? found : [ok('lake', sound)];
  });
}

async function checkPartition(engine: Engine, lake: string, partition: Partition): Promise<Diagnosis[]> {
  const again = `dor ingest ${partition.county.slug} --force`;
  const damage = stagedDamage(lake, partition, 'bytes') ?? (await rowDamage(engine, lake, partition));
  const found = damage
    ? [fail('lake', describeDamage(damage, partition), `stage it again from the source: ${again}`)]
    : [];
  const letters = deadLettersFile(lake, partition);
  if (existsSync(letters) && !(await isReadable(engine, letters)))
    found.push(warn('lake', `${letters} cannot be read: dead letters`, `write them again: ${again}`));
  return found;
}

async function rowDamage(engine: Engine, lake: string, partition: Partition): Promise<Damage | null> {
  const manifest = readStaged(lake, partition);
  if (!manifest) return null;
  const path = stagedFile(lake, partition);
  if (!(await isReadable(engine, path))) return { path, what: 'it cannot be read' };
  return damagedRows(engine, partition.dataset, { path, revision: revisionOf(manifest) });
}

function checkRuns(lake: string): Diagnosis[] {
  return runNames(lake)
    .filter((run) => !readRun(lake, run))
    .map((run) =>
      warn(
        'lake',
        `${join(runsFolder(lake), `${run}.json`)} is damaged: what that run found is lost`,
        'move it away; nothing else depends on it',
      ),
    );
}

async function checkHistory(engine: Engine, lake: string): Promise<Diagnosis[]> {
  const found: Diagnosis[] = [];
  for (const folder of HISTORIES.map((kind) => historyFolder(lake, kind)).filter((one) => existsSync(one)))
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const file = join(folder, name);
      if (name.endsWith('.parquet') && !(await isReadable(engine, file)))
        found.push(warn('lake', `${file} cannot be read`, 'the next dor ingest or dor report makes it anew'));
    }
  return found;
}
