import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { ROOT } from './workspace.ts';

type Imports = Map<string, string[]>;

/** The modules under a folder and what each takes of the others, types too. */
function importsOf(folder: string): Imports {
  const modules = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name));
  return new Map(
    modules.map((name) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(join(ROOT, name), 'utf8'));
      const own = importedFiles.filter(({ fileName }) => fileName.startsWith('.'));
      return [name, own.map(({ fileName }) => normalize(join(name, '..', fileName)))];
    }),
  );
}

/** Each import that leads back to the module it stands in. */
function circular(imports: Imports): string[] {
  const reached = (from: string, seen = new Set<string>()): Set<string> => {
    for (const to of imports.get(from) ?? []) if (!seen.has(to)) reached(to, seen.add(to));
    return seen;
  };
  return [...imports].flatMap(([from, targets]) =>
    targets.filter((to) => to === from || reached(to).has(from)).map((to) => `${from} → ${to}`),
  );
}

test('no module imports one that leads back to it, not even for a type', () => {
  const imports = new Map([...importsOf('src'), ...importsOf('web/src')]);
  // What is imported is there: else a circle would be overlooked.
  const unknown = [...imports.values()].flat().filter((name) => /\.tsx?$/.test(name) && !imports.has(name));
  expect(unknown).toEqual([]);
  expect(circular(imports)).toEqual([]);
});
