import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { ingestHere } from '../inProcess.ts';
import { smallCounty } from '../smallCounty.ts';
import { dataFolder } from '../workspace.ts';

/** More rows than one row group has, so that threads read them side by side. */
const ROWS = 6000;

test('a dead letter of a Parquet file has its own row as text, wherever in the file it stands', async () => {
  const data = dataFolder();
  const files = await smallCounty(join(data, 'made'), ROWS);
  const parcels = files.find(({ path }) => path.includes('NAL'))!.path;
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run('set threads = 4');
  await connection.run(`copy (
      select * exclude (n) replace (if(n % 20 = 0, 'bad' || n, JV) as JV)
      from (select *, row_number() over () as n from read_csv('${parcels}', all_varchar = true)) order by n
    ) to '${join(data, 'inbox/NAL73P202501.parquet')}' (format parquet, row_group_size 2048)`);

  const { code, stderr } = await ingestHere(data, { county: 'union', push: false, maxRejectPct: 100 });
  expect(code, stderr).toBe(0);
  const rejected = join(data, 'lake/rejected/dor_properties/county=union/year=2025/data.parquet');
  const letters = (
    await connection.runAndReadAll(`select line, text->>'JV' as value from '${rejected}' order by line`)
  ).getRowObjects();
  expect(letters).toHaveLength(ROWS / 20);
  expect(letters.map(({ line, value }) => [Number(line), value])).toEqual(
    letters.map((_, index) => [(index + 1) * 20, `bad${(index + 1) * 20}`]),
  );
});
