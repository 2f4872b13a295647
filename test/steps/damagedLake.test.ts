import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Engine, literal } from '../../src/engine.ts';
import { dataPaths, rejectedFolder } from '../../src/lake/paths.ts';
import { findCounty } from '../../src/reference.ts';
import { describeStatus } from '../../src/status.ts';
import { ingestHere } from '../inProcess.ts';
import { dataFolder } from '../workspace.ts';
import { smallCounty } from './smallCounty.ts';

const partition = { dataset: 'nap' as const, county: findCounty('union'), year: 2025 };

test('dead letters of a Parquet source carry their own rows; deleted or damaged derived files come back', async () => {
  const data = dataFolder();
  const { lake, inbox } = dataPaths(data);
  await smallCounty(data, 300);
  const engine = await Engine.open({ threads: 2, memoryLimitMb: 256, tempDirectory: '/tmp' });
  const name = readdirSync(inbox).find((one) => /^NAP.*\.csv$/.test(one))!;
  await engine.run(
    `copy (select * replace (case when row_number() over () % 3 = 0 then 'bad' || row_number() over () else JV_F_F_E end as JV_F_F_E)
       from read_csv(${literal(join(inbox, name))}, all_varchar = true))
     to ${literal(join(inbox, name.replace('.csv', '.parquet')))} (format parquet, row_group_size 20)`,
  );
  for (const one of readdirSync(inbox).filter((each) => each.endsWith('.csv'))) rmSync(join(inbox, one));
  const run = () => ingestHere(data, { county: 'union', push: false, maxRejectPct: 100 });
  expect((await run()).code).toBe(0);
  const letters = join(rejectedFolder(lake, partition), 'data.parquet');
  const check = () =>
    engine.row(
      `select count(*)::int as n, count_if(text like '%"bad' || line || '"%')::int as own from read_parquet(${literal(letters)})`,
    );
  const found = await check();
  expect(found.n).toBeGreaterThan(10);
  expect(found.own).toBe(found.n);

  rmSync(letters);
  writeFileSync(join(lake, 'quality/runs/nap/union.parquet'), 'PAR1 not');
  const [first] = readdirSync(join(lake, 'runs'));
  mkdirSync(join(lake, 'runs'), { recursive: true });
  writeFileSync(join(lake, 'runs', first!), '{"run": "cut');
  expect(() => describeStatus(lake)).not.toThrow();
  expect((await run()).code).toBe(0);
  expect(await check()).toEqual(found);
  engine.close();
}, 60_000);
