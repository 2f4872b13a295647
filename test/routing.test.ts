import { expect, test } from 'vitest';
import { chooseRoute } from '../src/routing.ts';

const machine = { cpus: 8, memoryMb: 16_000 };

test('small files stay in memory, large ones go through disk, and the reason says so', () => {
  expect(chooseRoute({ bytes: 14e6, kind: 'csv' }, machine)).toMatchObject({
    mode: 'in-memory',
    reason: expect.stringMatching(/14 MB csv fits/),
  });
  const large = chooseRoute({ bytes: 650e6, kind: 'csv' }, machine);
  expect(large.mode).toBe('out-of-core');
  expect(large.memoryLimitMb).toBeLessThan(700);
});

test('memory does not grow with the file, and bounds the threads', () => {
  const [small, huge] = [650e6, 65e9].map((bytes) => chooseRoute({ bytes, kind: 'csv' }, machine));
  expect(small!.memoryLimitMb).toBe(huge!.memoryLimitMb);
  expect(
    chooseRoute({ bytes: 650e6, kind: 'csv' }, { cpus: 64, memoryMb: 256_000 }).threads,
  ).toBeLessThanOrEqual(8);
  expect(chooseRoute({ bytes: 650e6, kind: 'csv' }, { cpus: 4, memoryMb: 1_000 })).toMatchObject({
    threads: 1,
    memoryLimitMb: 256,
  });
});

test('everything can be overridden, and that is said', () => {
  const route = chooseRoute({ bytes: 1e6, kind: 'csv' }, machine, {
    threads: 3,
    memoryLimitMb: 999,
    mode: 'out-of-core',
  });
  expect(route).toMatchObject({ threads: 3, memoryLimitMb: 999, mode: 'out-of-core' });
  expect(route.reason).toMatch(/as asked: threads=3, memoryLimitMb=999, mode=out-of-core/);
});
