/** Rolls of a small county whose cells a test changes, and all that is shown of them. */

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { splitLine } from '../src/csvLine.ts';
import { findCounty } from '../src/reference.ts';
import { generateSample } from '../src/sample.ts';
import { dataFolder, dor } from './workspace.ts';

type Edit = Record<string, string>;

/** A CSV in memory whose cells can be changed by column. */
export function table(path: string) {
  const [header, ...lines] = readFileSync(path, 'utf8').split('\r\n').slice(0, -1);
  const columns = splitLine(header!);
  const rows = lines.map((line) => splitLine(line));
  const at = (name: string) => columns.indexOf(name);
  return {
    rows,
    value: (row: string[], name: string) => row[at(name)]!,
    edit: (row: string[], edit: Edit) => {
      for (const [name, value] of Object.entries(edit)) row[at(name)] = value;
    },
    write: (extra: string[] = []) => {
      const quoted = (cell: string) => (/[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
      const text = [header, ...rows.map((row) => row.map(quoted).join(',')), ...extra, ''];
      writeFileSync(path, text.join('\r\n'));
    },
  };
}

/** Generated rolls of a county in the inbox of a fresh data folder, with cells that can be changed. */
export async function rolls(county: string, rows = 600) {
  const data = dataFolder();
  const request = { county: findCounty(county), year: 2025, rows, accounts: 200, seed: 5 };
  const files = await generateSample({ ...request, out: join(data, 'inbox'), format: 'csv' });
  const path = (dataset: string) => files.find((file) => file.dataset === dataset)!.path;
  return { data, nal: table(path('nal')), sdf: table(path('sdf')), nap: table(path('nap')) };
}

/** Everything that commands said and that the lake, but for its rows, and the reports hold, as one text. */
export async function everythingShown(data: string, commands: string[][], env: Record<string, string> = {}) {
  let text = '';
  for (const command of commands) {
    const { stdout, stderr } = await dor(data, command, env);
    text += stdout + stderr;
  }
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  for (const folder of ['reports', 'lake/runs', 'lake/quality', 'lake/staged']) {
    for (const name of readdirSync(join(data, folder), { recursive: true, encoding: 'utf8' })) {
      const path = join(data, folder, name);
      if (!statSync(path).isFile() || (folder === 'lake/staged' && path.endsWith('.parquet'))) continue;
      if (!path.endsWith('.parquet')) text += readFileSync(path, 'utf8');
      else
        text += JSON.stringify(
          (await connection.runAndReadAll(`select to_json(t)::varchar from '${path}' t`)).getRowsJson(),
        );
    }
  }
  return text;
}
