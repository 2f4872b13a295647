/** `dor doctor`: looks at everything a push depends on, writes nothing. */

import type { DorError } from '../errors.ts';
import { listRuns, readStaged } from '../lake/manifest.ts';
import type { DataPaths } from '../lake/paths.ts';
import type { Dataset } from '../model.ts';
import { readPublications } from '../publishing/publicationLog.ts';
import { findCounty } from '../reference.ts';
import { DATASETS } from '../rolls.ts';
import { parseAddress } from '../target/address.ts';
import { openTarget, type TargetSettings } from '../target/open.ts';
import type { Target } from '../target/target.ts';
import { checkDatabase } from './database.ts';
import { type Diagnosis, fail, ok } from './diagnosis.ts';
import { checkLake } from './lake.ts';
import { checkMachine } from './machine.ts';
import { checkNetwork } from './network.ts';

/** Bytes of a published row with all its indexes: 780, 430 and 570 on 300,000 generated parcels, rounded up. */
const ROW_BYTES: Record<Dataset, number> = { nal: 900, sdf: 500, nap: 600 };

/** All findings, in the order in which a push would meet them. Whatever cannot be looked at is a finding, too. */
export async function examine(
  targetUrl: string | undefined,
  settings: TargetSettings,
  paths: DataPaths,
): Promise<Diagnosis[]> {
  const findings = [...(await checkMachine(paths.lake)), ...(await checkLake(paths.lake))];
  try {
    if (targetUrl) {
      const address = parseAddress(targetUrl, settings.caFile ?? process.env.DOR_CA_FILE);
      findings.push(...(await checkNetwork(address)));
      if (findings.some(({ check, status }) => check === 'reachable' && status === 'fail')) return findings;
    } else {
      findings.push(ok('target', `embedded Postgres in ${paths.target}: SUPABASE_DB_URL is not set`));
    }
    const target = await openTarget(targetUrl, paths.target, false, settings);
    try {
      findings.push(...(await checkDatabase(target, await waitingRows(target, paths.lake))));
    } finally {
      await target.close();
    }
  } catch (error) {
    const { message, remedy } = error as DorError;
    findings.push(
      fail('target', message, remedy ?? 'this is a bug of dor or a server unlike those it knows'),
    );
  }
  return findings;
}

/** What is staged and was not published to this target as it is. */
async function waitingRows(target: Target, lake: string): Promise<{ rows: number; bytes: number }> {
  const partitions = new Map(
    listRuns(lake)
      .filter(({ source }) => target.embedded || !source.sample)
      .map((run) => [`${run.dataset} ${run.county} ${run.year}`, run]),
  );
  let [rows, bytes] = [0, 0];
  for (const { dataset, county, year } of partitions.values()) {
    if (!DATASETS.includes(dataset)) continue;
    const partition = { dataset, county: findCounty(county), year };
    const staged = readStaged(lake, partition)?.staged;
    const [newest] = await readPublications(target, partition);
    if (!staged || newest?.checksum === staged.checksum) continue;
    rows += staged.rows;
    bytes += staged.rows * ROW_BYTES[dataset];
  }
  return { rows, bytes };
}
