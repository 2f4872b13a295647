/** This machine: can it stage a county? */

import { existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { availableParallelism, freemem, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DuckDBInstance, version } from '@duckdb/node-api';
import { size } from '../formats.ts';
import { confined } from '../query/confine.ts';
import { type Diagnosis, fail, ok, warn } from './diagnosis.ts';

const GB = 2 ** 30;
/** The largest county's CSV, its staged file, its raw copy and what spills, with room to spare. */
const DISK_NEEDED = 4 * GB;
const MEMORY_NEEDED = 1 * GB;
const OLDEST_NODE = [20, 19] as const;

export async function checkMachine(lake: string): Promise<Diagnosis[]> {
  return [checkNode(), await checkEngine(), checkMemory(), checkDisk(lake), checkConfinement(lake)];
}

function checkNode(): Diagnosis {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldest, oldestMinor] = OLDEST_NODE;
  if (major > oldest || (major === oldest && minor >= oldestMinor)) return ok('node', process.versions.node);
  return fail('node', process.versions.node, `install Node ${OLDEST_NODE.join('.')} or newer`);
}

async function checkEngine(): Promise<Diagnosis> {
  try {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    await connection.run('select 1');
    connection.closeSync();
    instance.closeSync();
    return ok('duckdb', version());
  } catch (error) {
    return fail('duckdb', (error as Error).message, 'npm ci installs the engine of this platform');
  }
}

function checkMemory(): Diagnosis {
  const free = Math.min(freemem(), process.availableMemory?.() ?? Number.POSITIVE_INFINITY);
  const detail = `${size(free)} free, ${availableParallelism()} CPUs`;
  if (free >= MEMORY_NEEDED) return ok('memory', detail);
  return warn('memory', detail, 'close something, or take --memory-limit 512 --threads 1');
}

/** Free space where the lake lies, and whether it can be written to at all. */
function checkDisk(lake: string): Diagnosis {
  let there = lake;
  while (!existsSync(there)) there = dirname(there);
  const { bavail, bsize } = statfsSync(there);
  const detail = `${size(bavail * bsize)} free in ${lake}`;
  const probe = join(there, `.dor-doctor-${process.pid}`);
  try {
    mkdirSync(probe);
    writeFileSync(join(probe, 'x'), 'x');
  } catch (error) {
    return fail(
      'disk',
      `${there}: ${(error as Error).message}`,
      'make the folder writable, or move it with DOR_DATA',
    );
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
  if (bavail * bsize >= DISK_NEEDED) return ok('disk', detail);
  return warn(
    'disk',
    detail,
    'the largest county needs about 4 GB: free some, or move the data with DOR_DATA',
  );
}

/** Whether queries run in processes to which the lake is read-only: a second wall behind the parser's. */
function checkConfinement(lake: string): Diagnosis {
  if (!existsSync(lake)) return ok('queries', 'nothing to read yet');
  const scratch = mkdtempSync(join(tmpdir(), 'dor-doctor-'));
  try {
    if (confined(scratch, [lake]).length > 0) return ok('queries', 'run where the lake is read-only');
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return warn(
    'queries',
    'this system mounts nothing read-only for one process: that queries only read is up to the parser and the engine',
    'on Linux, allow user namespaces, or run as root; elsewhere keep the address of dor explore to yourself',
  );
}
