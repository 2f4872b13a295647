import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clean } from '../../src/lake/clean.ts';
import { publishedFolder } from '../../src/lake/paths.ts';
import { readRecord, writeRecord } from '../../src/lake/published.ts';
import { keepSnapshot, listSnapshots, type Snapshot } from '../../src/lake/snapshots.ts';
import type { Partition } from '../../src/model.ts';
import type { Publishing } from '../../src/publishing/currentState.ts';
import { readPublications } from '../../src/publishing/publicationLog.ts';
import { findCounty } from '../../src/reference.ts';
import { publishOnce, session, stage } from '../publishing/contents.ts';

/** The publication log of a target, as the command asks it. */
const logOf = ({ target }: Publishing) => ({
  target: target.id,
  runs: async (partition: Partition) => (await readPublications(target, partition)).map(({ run }) => run),
});

test('retention follows the publication log of the target', async () => {
  await session(undefined, async (publishing) => {
    const { lake, target } = publishing;
    let year = 2000;
    const fresh = (): Partition => ({ dataset: 'nap', county: findCounty('union'), year: year++ });
    const content = (partition: Partition, run: string): Promise<Snapshot> =>
      stage(publishing, partition, [{ account_id: 'A', owner_name: run }], run);
    const publish = async (partition: Partition, ...runs: string[]) => {
      for (const run of runs) await publishOnce(publishing, partition, await content(partition, run));
    };
    /** As a process leaves it that was killed after its commit and before its record. */
    const publishUnrecorded = async (partition: Partition, run: string) => {
      const before = readRecord(lake, target.id, partition);
      await publish(partition, run);
      const path = join(publishedFolder(lake, target.id, partition), 'publication.json');
      writeFileSync(path, before ? JSON.stringify(before) : '');
    };
    const left = async (partition: Partition, keep: number, logs = [logOf(publishing)]) => {
      await clean(lake, keep, false, logs);
      return listSnapshots(lake, partition);
    };

    // A publication that was not recorded is the newest former one after the next.
    const killed = fresh();
    await publish(killed, '1');
    await publishUnrecorded(killed, '2');
    await publish(killed, '3');
    expect(readRecord(lake, target.id, killed)).toMatchObject({ run: '3', former: ['2', '1'] });
    expect(await left(killed, 1)).toEqual(['2', '3']);

    // What the target holds is not what was recorded last: nothing may be given up for it.
    const behind = fresh();
    await publish(behind, '1');
    await publishUnrecorded(behind, '2');
    expect(await left(behind, 0)).toEqual(['1', '2']);

    // Nobody can be asked: what no record names stays, because it may be all that there is.
    const alone = fresh();
    await publish(alone, '1', '2');
    await publishUnrecorded(alone, '3');
    expect(await left(alone, 0, [])).toEqual(['2', '3']);

    // A second target that is not at hand may hold it.
    const elsewhere = fresh();
    await publish(elsewhere, '1');
    writeRecord(lake, 'other', elsewhere, { id: '1', run: '1', checksum: '1', log: [] });
    keepSnapshot(lake, elsewhere, await content(elsewhere, 'never published here'));
    expect(await left(elsewhere, 0)).toEqual(['1', 'never published here']);

    // A damaged record says nothing, so nothing goes.
    const damaged = fresh();
    await publish(damaged, '1', '2', '3');
    writeRecord(lake, 'other', damaged, { id: '1', run: '1', checksum: '1', log: [] });
    writeFileSync(join(publishedFolder(lake, 'other', damaged), 'publication.json'), '{"run": "1');
    expect(await left(damaged, 0)).toEqual(['1', '2', '3']);
  });
});
