/** A session of the engine that reads the lake's tables, and can do nothing else. */

import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { REFERENCE } from '../project.ts';
import { literal, quoted, verbatim } from '../sqlText.ts';
import { lakeViews, overFiles, stateOf } from './lakeViews.ts';
import { defaultMemoryMb } from './usage.ts';

export interface Lake {
  connection: DuckDBConnection;
  /** Names of the views. */
  tables: string[];
  /** Views that cannot be made because a file of theirs cannot be read, and what the engine says of it. */
  broken: Map<string, string>;
  /** The only folder that the session may write to; what is too large for memory spills there, too. */
  scratch: string;
  /** The files that the views read (`stateOf`): when the lake has others, the session is an old one. */
  state: string;
  close(): void;
}

export interface LakeOptions {
  memoryLimitMb?: number;
  threads?: number;
  /** Kept by whoever made it; without one, a temporary folder is made and removed by the session. */
  scratch?: string;
  /** Further folders whose files queries of ours read: plans, for instance. Never for a query that a person wrote. */
  folders?: string[];
}

/**
 * Opens a session that reads the files of the views, the reference files and its scratch folder. The engine refuses
 * every other file, new ones inside the lake included, the network and changed settings. It cannot tell reading from
 * writing, though: that no file of the list is written over is up to the door (readOnly.ts) and, behind it, to the
 * process that the session runs in (confine.ts).
 */
export async function openLake(lake: string, options: LakeOptions = {}): Promise<Lake> {
  const scratch = options.scratch ?? mkdtempSync(join(tmpdir(), 'dor-'));
  mkdirSync(scratch, { recursive: true });
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    memory_limit: `${options.memoryLimitMb ?? defaultMemoryMb()}MB`,
    temp_directory: join(scratch, `spill-${process.pid}`),
    ...(options.threads ? { threads: String(options.threads) } : {}),
  });
  const connection = await instance.connect();
  // The same question has the same answer on every machine.
  await connection.run("set TimeZone = 'UTC'");
  const views = lakeViews(lake);
  const broken = new Map<string, string>();
  for (const view of views) {
    // One file that is cut off must not take the other tables along.
    const made = connection.run(`create view ${quoted(view.name)} as ${overFiles(view)}`);
    await made.catch(({ message }: Error) => broken.set(view.name, message));
  }
  const files = [...views.flatMap((view) => view.files), ...readdirSync(REFERENCE).map(inReference)];
  const folders = [scratch, ...(options.folders ?? [])].map((folder) => `${folder}/`);
  // As they lie there, and as they are asked for.
  const allowed = [...new Set(files.flatMap((file) => [file, verbatim(file)]))];
  await connection.run(`set allowed_paths = [${allowed.map(literal).join(', ')}]`);
  await connection.run(`set allowed_directories = [${folders.map(literal).join(', ')}]`);
  await connection.run('set enable_external_access = false');
  await connection.run('set lock_configuration = true');
  return {
    connection,
    tables: views.map(({ name }) => name).filter((name) => !broken.has(name)),
    broken,
    scratch,
    state: stateOf(views),
    close() {
      connection.closeSync();
      instance.closeSync();
      if (!options.scratch) rmSync(scratch, { recursive: true, force: true });
    },
  };
}

const inReference = (name: string) => join(REFERENCE, name);
