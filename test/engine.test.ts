import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Engine, inHead } from '../src/engine.ts';
import { SQL } from '../src/project.ts';
import { temporaryFolder } from './workspace.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.open({ threads: 1, memoryLimitMb: 256, tempDirectory: tmpdir() });
});
afterAll(() => engine.close());

function sqlFile(text: string): string {
  const path = join(temporaryFolder(), 'step.sql');
  writeFileSync(path, text);
  return path;
}

test('what the head of a SQL file needs must be there, and what it leaves is there afterwards', async () => {
  await expect(engine.file(sqlFile('-- param: day\nselect 1'))).rejects.toThrow('needs the variable day');
  await expect(engine.read(sqlFile('-- reads: parcels\nselect 1'))).rejects.toThrow(
    /step\.sql reads parcels: .*parcels does not exist/,
  );
  await expect(
    engine.file(sqlFile('-- leaves: parcels, sales\ncreate table parcels (x int)')),
  ).rejects.toThrow(/step\.sql leaves parcels, sales: .*sales does not exist/);
  await engine.make('view', sqlFile('-- reads: parcels\n-- leaves: seen\nselect x + 1 as y from parcels'));
  await engine.run('insert into parcels values (1)');
  expect(await engine.rows('from seen')).toEqual([{ y: 2 }]);
});

/** Relations that a file takes from the session: not its own, nor what a function makes, nor what a macro will read when it is used. */
function relationsIn(text: string): string[] {
  const code = text.replaceAll(/--.*|'(?:[^']|'')*'/g, '').replaceAll(/create or replace macro [^;]*;/g, '');
  const own = [...code.matchAll(/(?:with|,|^)\s*(\w+) as (?:materialized )?\(/gm)].map(([, name]) => name);
  const taken = [...code.matchAll(/\b(?:from|join)\s+(\w+)\b(?!\s*\()/g)].map(([, name]) => name!);
  return [...new Set(taken)].filter((name) => !own.includes(name));
}

const FOLDERS = ['load', 'reject', 'normalize', 'enrich', 'stage', 'report', 'report/history', 'sample'];

/** What is wrong with the heads of all files that run as steps, as sentences. */
function untrueHeads(): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(SQL, folder))
      .filter((name) => name.endsWith('.sql'))
      .flatMap((name) => {
        const text = readFileSync(join(SQL, folder, name), 'utf8');
        const body = text.replaceAll(/^-- .*$/gm, '');
        const [reads, leaves] = [inHead(text, 'reads'), inHead(text, 'leaves')];
        const made = [...text.matchAll(/create or replace temp (?:table|view) (\w+)/g)].map(
          ([, one]) => one!,
        );
        const undeclared = relationsIn(text).filter((one) => !reads.includes(one) && !made.includes(one));
        const unused = reads.filter((one) => !new RegExp(`\\b${one}\\b`).test(body));
        return [
          ...undeclared.map((one) => `${folder}/${name} reads ${one} and does not say so`),
          ...unused.map((one) => `${folder}/${name} does not read ${one}`),
          ...(made.length > 0 && leaves.length === 0
            ? [`${folder}/${name} does not say what it leaves`]
            : []),
        ];
      }),
  );
}

test('the head of each SQL file of a step names the relations that it reads', () => {
  expect(untrueHeads()).toEqual([]);
});
