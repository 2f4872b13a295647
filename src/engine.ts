/** The embedded DuckDB: opened with the limits that routing chose, and the one place that runs SQL files. */

import { readFileSync, rmSync } from 'node:fs';
import { relative } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import { ROOT } from './project.ts';
import { literal } from './sqlText.ts';

export interface EngineLimits {
  threads: number;
  memoryLimitMb: number;
  /** Folder that DuckDB spills to. */
  tempDirectory: string;
}

export type SqlValue = string | number | bigint | boolean | null;
export type Row = Record<string, SqlValue>;

/** A DuckDB session. Everything that reaches TypeScript through it is small: counts, names, capped samples. */
export class Engine {
  private constructor(
    private readonly instance: DuckDBInstance,
    readonly connection: DuckDBConnection,
  ) {}

  /** Opens an in-memory database that may spill to disk. Row order is not kept: only rowids and keys count. */
  static async open(limits: EngineLimits): Promise<Engine> {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(limits.threads),
      memory_limit: `${limits.memoryLimitMb}MB`,
      temp_directory: limits.tempDirectory,
      preserve_insertion_order: 'false',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    return new Engine(instance, await instance.connect());
  }

  /** Runs statements that return nothing of interest. */
  async run(sql: string): Promise<void> {
    await this.wrap(sql, () => this.connection.run(sql));
  }

  /** Rows as plain objects: for counts and capped samples only. */
  async rows(sql: string): Promise<Row[]> {
    return this.wrap(sql, async () => {
      const reader = await this.connection.runAndReadAll(sql);
      return reader.getRowObjects().map(plain);
    });
  }

  /** The only row of a query. */
  async row(sql: string): Promise<Row> {
    const [first] = await this.rows(sql);
    if (!first) throw new Error(`No row from: ${sql}`);
    return first;
  }

  /**
   * Sets SQL variables, read by the SQL files with `getvariable()`.
   * DuckDB reads an unset variable as NULL without a word, so `file()` checks the declared ones.
   */
  async set(variables: Record<string, string | number | boolean | null>): Promise<void> {
    for (const [name, value] of Object.entries(variables)) {
      await this.run(`set variable ${name} = ${literal(value)}`);
      this.variables.add(name);
    }
  }

  /** Runs one SQL file: what its head reads must be there, and what it leaves is there afterwards. */
  async file(path: string): Promise<void> {
    const { text, leaves } = await this.open(path);
    await this.wrap(text, () => this.connection.run(text), path);
    await this.expect(path, 'leaves', leaves);
  }

  /** Makes what a SQL file with one select leaves, as a temporary view or table. */
  async make(kind: 'view' | 'table', path: string): Promise<void> {
    const { text, leaves } = await this.open(path);
    const sql = `create or replace temp ${kind} ${leaves.join()} as ${text}`;
    await this.wrap(sql, () => this.connection.run(sql), path);
  }

  /** Text of a SQL file with one select, after its head was checked. */
  async read(path: string): Promise<string> {
    return (await this.open(path)).text;
  }

  /**
   * A SQL file whose head was checked: `-- param:` names a variable that must be set, `-- reads:` a relation of this
   * session that must be there, `-- leaves:` one that the file makes.
   */
  private async open(path: string): Promise<{ text: string; leaves: string[] }> {
    const text = readFileSync(path, 'utf8');
    for (const name of inHead(text, 'param'))
      if (!this.variables.has(name)) throw new Error(`${relative(ROOT, path)} needs the variable ${name}`);
    await this.expect(path, 'reads', inHead(text, 'reads'));
    return { text, leaves: inHead(text, 'leaves') };
  }

  private async expect(path: string, what: 'reads' | 'leaves', relations: string[]): Promise<void> {
    if (relations.length === 0) return;
    const where = `${relative(ROOT, path)} ${what} ${relations.join(', ')}`;
    await this.wrap(where, () => this.connection.run(`select 1 from ${relations.join(', ')} limit 0`));
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }

  private readonly variables = new Set<string>();

  /** DuckDB throws plain errors that name no file; say which SQL it was. */
  private async wrap<T>(sql: string, work: () => Promise<T>, path?: string): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const where = path ? relative(ROOT, path) : sql.trim().slice(0, 200);
      throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
    }
  }
}

/** The names behind `-- <entry>:` in a SQL file, which may have several such lines. */
export const inHead = (text: string, entry: string): string[] =>
  [...text.matchAll(new RegExp(`^-- ${entry}: (.+)$`, 'gm'))].flatMap(([, names]) => names!.split(/, */));

/** Threads of an engine that is not an ingest's. */
const FEW_THREADS = 2;

/** Opens an engine that spills to a scratch folder, for some work; both are gone afterwards. */
export async function withEngine<T>(
  scratch: string,
  memoryLimitMb: number,
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  try {
    const engine = await Engine.open({ threads: FEW_THREADS, memoryLimitMb, tempDirectory: scratch });
    try {
      return await work(engine);
    } finally {
      engine.close();
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function plain(row: Record<string, DuckDBValue>): Row {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [
      key,
      value !== null && typeof value === 'object' ? String(value) : (value as SqlValue),
    ]),
  );
}
