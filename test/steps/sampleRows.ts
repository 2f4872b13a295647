import { join } from 'node:path';
import { Engine } from '../../src/engine.ts';
import { SQL } from '../../src/project.ts';
import { fields } from '../../src/reference.ts';
import { load, prepare } from '../../src/steps/load.ts';
import { ROOT } from '../workspace.ts';

/** An engine with the loaded rows of the bundled sample as base_nal, base_sdf, base_nap, and all that rules read. */
export async function openSampleRows(): Promise<Engine> {
  const engine = await Engine.open({ threads: 1, memoryLimitMb: 512, tempDirectory: '/tmp' });
  await prepare(engine);
  await engine.set({ roll_year: 2025, county_no: 49, fips: '12077', file_date: '2025-06-27', stage: 'P' });
  await engine.file(join(SQL, 'validate/macros.sql'));
  for (const dataset of ['nal', 'sdf', 'nap'] as const) {
    const path = join(ROOT, `data/sample/${dataset.toUpperCase()}49P202501.csv`);
    const columns = fields(dataset).map((field) => field.name);
    const route = {
      threads: 1,
      memoryLimitMb: 512,
      mode: 'in-memory',
      rowGroupSize: 2048,
      reason: '',
    } as const;
    await load(engine, { dataset, kind: 'csv', path, columns, extra: [] }, route, '/tmp');
    await engine.run(`create table base_${dataset} as from ${dataset}`);
  }
  return engine;
}
