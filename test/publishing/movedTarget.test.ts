import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepSnapshot } from '../../src/lake/snapshots.ts';
import type { Partition } from '../../src/model.ts';
import type { Publishing } from '../../src/publishing/currentState.ts';
import { readPublications } from '../../src/publishing/publicationLog.ts';
import { type DesiredState, planAndApply } from '../../src/publishing/publish.ts';
import { findCounty } from '../../src/reference.ts';
import type { Timed } from '../../src/timer.ts';
import { rows, startServer, type TestServer } from '../server.ts';
import { ALL_GUARDS, heldRows, publishOnce, type Row, session, stage } from './contents.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const county = findCounty('union');
const years = [2023, 2024, 2025];
const account = (year: number): Partition => ({ dataset: 'nap', county, year });
const owned = (owner: string): Row[] =>
  ['A', 'B', 'C'].map((account_id) => ({ account_id, owner_name: owner }));
const owners = async (publishing: Publishing) =>
  Promise.all(
    years.map(async (year) => (await heldRows(publishing, account(year))).map((row) => row.owner_name)),
  );

/** Three roll years that were published; then others write to each of them. */
async function changed(
  name: string,
  work: (
    publishing: Publishing,
    states: DesiredState[],
    sql: (text: string) => Promise<unknown>,
  ) => Promise<void>,
) {
  const url = await server.createDatabase(name);
  const sql = (text: string) => rows(url, text);
  await session(url, async (publishing) => {
    const states: DesiredState[] = [];
    for (const year of years) {
      const content = await stage(publishing, account(year), owned('OURS'), `run-${year}`);
      await publishOnce(publishing, account(year), content);
      const [over] = await readPublications(publishing.target, account(year));
      const wanted = keepSnapshot(publishing.lake, account(year), content);
      states.push({ partition: account(year), wanted, everyRow: true, over });
    }
    await sql("update dor_tangible set owner_name = 'THEIRS'");
    await work(publishing, states, sql);
  });
}

/** Does something before a year's rows are pushed, the first time. */
function before(doings: Record<number, () => Promise<unknown>>): (part: { year: number }) => Timed {
  return ({ year }) =>
    async (step, work) => {
      if (step === 'push') {
        const doing = doings[year];
        delete doings[year];
        await doing?.();
      }
      return work(() => {});
    };
}

test('what moves again and again while parts are applied leaves no part out, and all are told', async () => {
  await changed('moved', async (publishing, states, sql) => {
    const rename = (year: number) => () =>
      sql(`update dor_tangible set account_id = 'Z' where account_id = 'B' and year = ${year}`);
    const timer = before({ 2024: rename(2024), 2025: rename(2025) });
    const request = { kind: 'repair', county, states, allow: ALL_GUARDS, timer } as const;
    const { plan, applied } = await planAndApply(publishing, request);
    expect(await owners(publishing)).toEqual(Array(3).fill(['OURS', 'OURS', 'OURS']));
    expect(applied.map(({ part, outcome }) => [part.year, outcome])).toEqual(
      years.map((year) => [year, 'applied']),
    );
    expect(plan.parts.map(({ changes }) => [changes.insert, changes.update, changes.delete])).toEqual([
      [0, 3, 0],
      [1, 2, 1],
      [1, 2, 1],
    ]);
  });
});

test.each(['repair', 'rollback'] as const)(
  'a %s leaves alone what another machine published meanwhile',
  async (kind) => {
    await changed(`newer_${kind}`, async (publishing, states) => {
      const newer = async () =>
        publishOnce(
          publishing,
          account(2024),
          await stage(publishing, account(2024), owned('NEWER'), 'newer'),
          {
            everyRow: true,
          },
        );
      const request = { kind, county, states, allow: ALL_GUARDS, timer: before({ 2024: newer }) };
      await expect(planAndApply(publishing, request)).rejects.toThrow(
        /dor_tangible union 2024 no longer holds run run-2024 .*its rows were left alone/,
      );
      expect((await owners(publishing))[1]).toEqual(['NEWER', 'NEWER', 'NEWER']);
      const [newest] = await readPublications(publishing.target, account(2024));
      expect(newest!.run).toBe('newer');
    });
  },
);
