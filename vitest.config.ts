import { defineConfig } from 'vitest/config';

// Inherited by the tests' processes, in which commands run as bin/dor would run them.
process.env.MALLOC_ARENA_MAX ??= '1';
process.env.UV_THREADPOOL_SIZE ??= '16';

/** `make test-fast`: files that start no server and no browser, and take seconds. A file that is not here is in `make test` alone. */
const FAST = [
  'test/cli.test.ts',
  'test/docs.test.ts',
  'test/engine.test.ts',
  'test/imports.test.ts',
  'test/routing.test.ts',
  'test/explore/workbook.test.ts',
  'test/query/drawing.test.ts',
  'test/query/ownQueries.test.ts',
  'test/query/place.test.ts',
  'test/query/readOnly.test.ts',
  'test/query/saved.test.ts',
  'test/source/files.test.ts',
  'test/source/fileMark.test.ts',
  'test/source/records.test.ts',
  'test/source/xlsx/cases.test.ts',
  'test/source/xlsx/chunks.test.ts',
  'test/lake/damage.test.ts',
  'test/steps/fields.test.ts',
  'test/steps/impossibleNumbers.test.ts',
  'test/source/newest.test.ts',
  'test/steps/ownerKind.test.ts',
  'test/source/parquetSource.test.ts',
  'test/rules.test.ts',
  'test/target/rowStream.test.ts',
  'test/web/completion.test.ts',
  'test/web/numbers.test.ts',
  'test/web/statements.test.ts',
];

export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Real engines and real servers on a small machine: two files at once are enough.
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: 'fast', include: FAST, isolate: false } },
      { extends: true, test: { name: 'slow', include: ['test/**/*.test.ts'], exclude: FAST } },
    ],
  },
});
