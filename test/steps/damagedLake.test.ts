import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Engine, literal } from '../../src/engine.ts';
import { dataPaths, publishedFolder, rejectedFolder } from '../../src/lake/paths.ts';
import { readRecord, writeRecord } from '../../src/lake/published.ts';
import { keepSnapshot, readSnapshot } from '../../src/lake/snapshots.ts';
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

test.each(['', '{', 'null', '[]', '{}', '7', '{"run": 5}', '{"run": "x", "former": 7}'])(
  'a record or a revision that reads %j is none, and the next one takes its place',
  (text) => {
    const lake = join(dataFolder(), 'lake');
    const revision = { run: 'r', rows: 1, checksum: '1', sourceSha256: '', sqlVersion: 'x', sample: false };
    const content = { revision: { ...revision, stage: null, submission: null }, path: join(lake, 'rows') };
    mkdirSync(lake);
    writeFileSync(content.path, 'PAR1');
    const snapshot = keepSnapshot(lake, partition, { ...content, mediansPath: null });
    const facts = join(snapshot.path, '../revision.json');
    writeFileSync(facts, text);
    expect(readSnapshot(lake, partition, 'r')).toBeUndefined();
    expect(keepSnapshot(lake, partition, { ...content, mediansPath: null }).revision).toMatchObject(revision);
    writeRecord(lake, 'target', partition, { id: '1', run: 'r', checksum: '1' }, []);
    writeFileSync(join(publishedFolder(lake, 'target', partition), 'publication.json'), text);
    expect(readRecord(lake, 'target', partition)).toBeNull();
    writeRecord(lake, 'target', partition, { id: '2', run: 'r', checksum: '1' }, ['r', 'q']);
    expect(readRecord(lake, 'target', partition)).toMatchObject({ id: '2', former: ['q'] });
  },
);
