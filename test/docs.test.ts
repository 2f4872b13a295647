import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { drawFlow, PICTURE } from '../docs/dataFlow.ts';
import { ROOT } from '../src/project.ts';

const text = (path: string) => readFileSync(join(ROOT, path), 'utf8');

test('the picture of the steps is drawn from the step list (npm run draw)', () => {
  expect(readFileSync(PICTURE, 'utf8')).toBe(drawFlow());
});

test('every decision has its status, its date and a place in the index', () => {
  const index = text('docs/decisions/README.md');
  const pages = readdirSync(join(ROOT, 'docs/decisions')).filter((name) => /^\d{4}-/.test(name));
  expect(pages.length).toBeGreaterThan(0);
  for (const page of pages) {
    const [, title, status, date] = /^# (.+)\n\nStatus: (.+)\. Date: (\d{4}-\d\d-\d\d)\.\n/.exec(
      text(`docs/decisions/${page}`),
    )!;
    expect(index).toContain(`| [${page.slice(0, 4)}](${page}) | ${title} | ${date} | ${status} |`);
  }
});

test('the map of the house in CONTRIBUTING names every folder of src and sql, and nothing that is not there', () => {
  const [, map] = /## The house\n\n```\n([\s\S]*?)```/.exec(text('CONTRIBUTING.md'))!;
  const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((one) => one.isDirectory());
  for (const { name } of folders) expect(map).toContain(`src/${name}/`);
  for (const { name } of readdirSync(join(ROOT, 'sql'), { withFileTypes: true }))
    if (!name.includes('.')) expect(map).toMatch(new RegExp(`^sql/.*\\b${name}\\b`, 'm'));
  const modules = [...map!.matchAll(/src\/\w+\.ts/g)].map(([path]) => path);
  expect(modules.length).toBeGreaterThan(0);
  for (const path of modules) expect(text(path)).not.toBe('');
});
