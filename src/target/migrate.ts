/** The Postgres schema: numbered files, applied once, in order, and never edited afterwards. */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DorError } from '../errors.ts';
import { SQL } from '../lake/paths.ts';
import type { Target } from './target.ts';

const LEDGER = `
  create schema if not exists dor_internal;
  create table if not exists dor_internal.migrations (
    name text primary key,
    sha256 text not null,
    applied_at timestamptz not null default clock_timestamp()
  );`;

/** Applies what is missing, each file in its own transaction under one lock. Returns the names that were applied. */
export async function migrate(target: Target, folder = join(SQL, 'migrations')): Promise<string[]> {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
  if (await isCurrent(target, files)) return [];
  const applied: string[] = [];
  for (const { name, text } of files) {
    const sha256 = hashOf(text);
    await target.transaction(async (transaction) => {
      await transaction.query("select pg_advisory_xact_lock(hashtextextended('dor migrations', 0))");
      for (const statement of LEDGER.split(';').filter((part) => part.trim()))
        await transaction.query(statement);
      const [found] = await transaction.query('select sha256 from dor_internal.migrations where name = $1', [
        name,
      ]);
      if (found?.sha256 === sha256) return;
      if (found) throw edited(name, target.label);
      for (const statement of statements(text)) await transaction.query(statement);
      await transaction.query('insert into dor_internal.migrations (name, sha256) values ($1, $2)', [
        name,
        sha256,
      ]);
      applied.push(name);
    });
  }
  return applied;
}

async function isCurrent(target: Target, files: { name: string; text: string }[]): Promise<boolean> {
  const [found] = await target.query("select to_regclass('dor_internal.migrations') is not null as present");
  if (!found?.present) return false;
  const rows = await target.query('select name, sha256 from dor_internal.migrations');
  const known = new Map(rows.map((row) => [row.name, row.sha256]));
  return files.every(({ name, text }) => known.get(name) === hashOf(text));
}

/** One statement at a time, as prepared protocols want it. Our migrations hold no semicolon inside a statement. */
function statements(text: string): string[] {
  return text
    .replace(/^--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter(Boolean);
}

function edited(name: string, label: string): DorError {
  return new DorError(
    `The migration ${name} was edited after it had been applied to ${label}`,
    'restore the file and put the change into a new migration',
  );
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
