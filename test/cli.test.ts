import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { closest } from '../src/closest.ts';
import { dataFolder, dor, ROOT } from './workspace.ts';

test.each([
  [['ingst', 'broward'], 'did you mean dor ingest?'],
  [['ingest', 'broward', '--forse'], 'did you mean --force?'],
  [['sql', 'select 1', '--format', 'tabel'], 'did you mean table?'],
  [['ingest', 'browrad'], 'did you mean broward?'],
])('dor %s: a slip of the pen is told', async (words, said) => {
  const { code, stderr } = await dor(dataFolder(), words);
  expect(code).toBe(2);
  expect(stderr).toContain(said);
});

test.each([
  [['explore', '--port', 'abc'], '--port needs a number'],
  [['explore', '--port', '99999'], 'There is no port 99999'],
  [['explore', '--port', '-1'], '--port needs a number that is not negative'],
  [['sql', 'select 1', '--limit', '2.5'], '--limit needs a whole number of rows'],
  [['sql', 'select 1', '--format', 'csv', '--format', 'json'], '--format was given more than once'],
  [['sql', 'select 1', '--limit', 'abc'], '--limit needs a number'],
])('dor %s is a matter of usage, not of a busy target', async (words, said) => {
  const { code, stderr, stdout } = await dor(dataFolder(), words);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(said);
  expect(stderr).not.toMatch(/^ +at /m);
});

test('a word that is like none is not guessed at', () => {
  expect(closest('florida', ['broward', 'dade'])).toBeUndefined();
  expect(closest('dda', ['ada'])).toBe('ada');
  expect(closest('xy', ['ab'])).toBeUndefined();
});

test('the program imports nothing that an installation without development packages lacks', () => {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const imported = sources.flatMap((name) =>
    [
      ...readFileSync(join(ROOT, 'src', name), 'utf8').matchAll(
        /^(?!import type).*(?:from|import\() ?'((?:@[\w-]+\/)?[a-z][\w-]*)'/gm,
      ),
    ].map(([, found]) => found!),
  );
  const packages = [...new Set(imported)];
  expect(packages.length).toBeGreaterThan(5);
  expect(packages.filter((name) => !(name in dependencies))).toEqual([]);
});

test('status as JSON is the newest manifest of each partition', async () => {
  const { code, stdout } = await dor(dataFolder(), ['status', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual([]);
});
