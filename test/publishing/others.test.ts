/** What others have put around the published tables: rows that refer to ours, constraints, triggers, rules, columns. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { DorError } from '../../src/errors.ts';
import { dataPaths } from '../../src/lake/paths.ts';
import type { Snapshot } from '../../src/lake/snapshots.ts';
import type { Partition } from '../../src/model.ts';
import type { Publishing } from '../../src/publishing/currentState.ts';
import { findDrift } from '../../src/publishing/drift.ts';
import { readPublications } from '../../src/publishing/publicationLog.ts';
import { findCounty } from '../../src/reference.ts';
import { openTarget } from '../../src/target/open.ts';
import { ingestHere } from '../inProcess.ts';
import { inboxWithLiberty } from '../liberty.ts';
import { rows, startServer, type TestServer } from '../server.ts';
import { ALL_GUARDS, byKey, heldRows, publishOnce, type Row, session, stage } from './contents.ts';

const partition: Partition = { dataset: 'nap', county: findCounty('union'), year: 2025 };
const account = (index: number, owner = `OWNER ${index}`): Row => ({
  account_id: `A${index}`,
  owner_name: owner,
  just_value: 1000,
});
const BEFORE = Array.from({ length: 20 }, (_, index) => account(index));
/** One comes, seven change, one goes when asked. */
const after = (gone = false) =>
  BEFORE.map((row, index) => (index < 7 ? { ...row, owner_name: `NEW ${index}` } : row))
    .filter((_, index) => !gone || index !== 9)
    .concat(account(20));

let server: TestServer;
let databases = 0;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

const SILENT = { begin() {}, end() {}, say() {}, advance() {} };
const urlOf = (name: string) => `postgresql://postgres:secret-word@127.0.0.1:${server.port}/${name}`;

type Sql = (sql: string) => Promise<Record<string, unknown>[]>;
type Work = (tools: {
  publishing: Publishing;
  sql: Sql;
  publish: Publish;
  staged: (wanted: Row[]) => Promise<Snapshot>;
}) => Promise<void>;
type Publish = (
  wanted: Row[] | Snapshot,
  options?: Parameters<typeof publishOnce>[3],
) => ReturnType<typeof publishOnce>;

/** A database that holds BEFORE. */
async function published(work: Work, first = BEFORE) {
  const url = await server.createDatabase(`others${databases++}`);
  await session(url, async (publishing) => {
    let runs = 0;
    const staged = (wanted: Row[]) => stage(publishing, partition, wanted, `run-${runs++}`);
    const publish: Publish = async (wanted, options) =>
      publishOnce(publishing, partition, Array.isArray(wanted) ? await staged(wanted) : wanted, options);
    if (first.length > 0) await publish(first);
    await work({ publishing, sql: (text) => rows(url, text), publish, staged });
  });
}

const refusal = (promise: Promise<unknown>) => promise.then(() => null).catch((error) => error);
const KEY = 'foreign key (county_no, year, account_id) references dor_tangible';
/** An application's table with a row for each account. */
const notes = (action: string) => `
  create table notes (county_no smallint, year smallint, account_id text, note text,
    constraint notes_account ${KEY} ${action});
  insert into notes select county_no, year, account_id, 'ours' from dor_tangible`;

test.each([
  ['cascade', 'delete them'],
  ['set null', 'set to null'],
  ['set default', 'set to their default'],
])(
  'on delete %s: an update keeps what refers to a row, a delete is refused unless allowed',
  async (action, words) => {
    await published(async ({ publishing, sql, publish }) => {
      await sql(notes(`on delete ${action}`));
      const [{ xmin }] = (await sql("select xmin::text from dor_tangible where account_id = 'A8'")) as [Row];
      const part = await publish(after());
      expect(part.changes).toEqual({ insert: 1, update: 7, delete: 0, unchanged: 13 });
      expect(await heldRows(publishing, partition)).toEqual(byKey('nap', after()));
      expect(await sql('select count(*)::int as n from notes where account_id is not null')).toEqual([
        { n: 20 },
      ]);
      // Nobody touched a row that stays.
      expect(await sql("select xmin::text from dor_tangible where account_id = 'A8'")).toEqual([{ xmin }]);

      const refused = await refusal(publish(after(true)));
      expect(refused).toBeInstanceOf(DorError);
      expect(refused.message).toMatch(/1 rows of notes refer to .*constraint notes_account would/);
      expect(refused.message).toContain(words);
      expect(refused.remedy).toContain('--allow-cascades');
      expect(await heldRows(publishing, partition)).toEqual(byKey('nap', after()));
      const allowed = await publish(after(true), { allow: new Set([...ALL_GUARDS, 'cascades']) });
      expect(allowed.guards.filter(({ guard }) => guard === 'cascades')).toMatchObject([
        { closed: true, allowed: true },
      ]);
      expect(await heldRows(publishing, partition)).toEqual(byKey('nap', after(true)));
      expect(await sql('select count(*)::int as n from notes where account_id is not null')).toEqual([
        { n: 19 },
      ]);
    });
  },
);

test('a row that refers to ours since the plan is seen by the apply', async () => {
  await published(async ({ publishing, sql, publish }) => {
    await sql(`${notes('on delete cascade')}; delete from notes`);
    const meanwhile = () => sql("insert into notes values (73, 2025, 'A9', 'late')").then(() => {});
    const refused = await refusal(publish(after(true), { meanwhile }));
    expect(refused.message).toMatch(/^1 rows of notes refer to .*notes_account would delete them; nothing/);
    expect(await heldRows(publishing, partition)).toEqual(byKey('nap', BEFORE));
  });
});

test.each(['on delete restrict', '', 'deferrable initially deferred'])(
  'a reference that does not let go is named (%s), and the county is as it was',
  async (action) => {
    await published(async ({ publishing, sql, publish }) => {
      await sql(notes(action));
      const refused = await refusal(publish(after(true)));
      expect(refused).toBeInstanceOf(DorError);
      expect(refused.message).toMatch(/the constraint notes_account of public.notes refuses/);
      expect(await heldRows(publishing, partition)).toEqual(byKey('nap', BEFORE));
      await publish(after());
      expect(await heldRows(publishing, partition)).toEqual(byKey('nap', after()));
    });
  },
);

const trigger = (when: string, body: string) => `
  create function meddle() returns trigger language plpgsql as $$ begin ${body} end $$;
  create trigger meddler ${when} on dor_tangible for each row execute function meddle()`;

test.each<[string, string, RegExp]>([
  [
    'a check',
    "alter table dor_tangible add constraint no_new check (owner_name not like 'NEW%')",
    /constraint no_new of public.dor_tangible/,
  ],
  [
    'a unique index',
    'create unique index one_value on dor_tangible (just_value, owner_kind) nulls not distinct where owner_name like $$NEW%$$',
    /constraint one_value of/,
  ],
  [
    'a trigger that changes rows',
    trigger('before insert or update', 'new.owner_name := lower(new.owner_name); return new;'),
    /trigger meddler changed or swallowed/,
  ],
  [
    'a trigger that swallows updates',
    trigger('before update', 'return null;'),
    /trigger meddler changed or swallowed/,
  ],
  [
    'a trigger that swallows deletes',
    trigger('before delete', 'return null;'),
    /trigger meddler changed or swallowed/,
  ],
  [
    'a trigger that raises',
    trigger('before update', "raise exception 'not today';"),
    /function public.meddle\(\)|function meddle\(\).*not today/,
  ],
  [
    'a trigger that works afterwards',
    trigger(
      'after insert',
      "update dor_tangible set owner_name = 'X' where account_id = new.account_id; return null;",
    ),
    /trigger meddler changed or swallowed/,
  ],
  [
    'a trigger that is put off to the commit',
    `create function meddle() returns trigger language plpgsql as $$ begin
       if pg_trigger_depth() < 2 then update dor_tangible set just_value = 1 where account_id = new.account_id; end if;
       return null; end $$;
     create constraint trigger meddler after update on dor_tangible deferrable initially deferred
       for each row execute function meddle()`,
    /trigger meddler changed or swallowed/,
  ],
  [
    'a rule',
    'create rule frozen as on update to dor_tangible do instead nothing',
    /rule frozen changed or swallowed/,
  ],
  [
    'NOT NULL',
    'update dor_tangible set owner_kind = $$x$$; alter table dor_tangible alter owner_kind set not null',
    /lacks owner_kind text and has owner_kind text not null/,
  ],
  [
    'a column of another type',
    'drop view dor_tangible_current; alter table dor_tangible alter just_value type numeric',
    /lacks just_value bigint and has just_value numeric/,
  ],
  [
    'a narrower column',
    'drop view dor_tangible_current; alter table dor_tangible alter owner_name type varchar(8)',
    /has owner_name character varying\(8\)/,
  ],
  [
    'a renamed column',
    'alter table dor_tangible rename owner_name to owner',
    /lacks owner_name text and has owner text/,
  ],
  [
    'a dropped column',
    'drop view dor_tangible_current; alter table dor_tangible drop owner_name',
    /lacks owner_name text;/,
  ],
  ['an added default', "alter table dor_tangible add note text default 'x'", /has note text default 'x'/],
  [
    'a generated column',
    'alter table dor_tangible add double bigint generated always as (just_value * 2) stored',
    /has double bigint default/,
  ],
])(
  '%s: refused by its name, whether rows are believed or read back, and nothing is changed',
  async (_, change, reason) => {
    await published(async ({ sql, publish, staged }) => {
      const wanted = await staged(after(true));
      await sql(change);
      const held = () => sql('select t::text as row from dor_tangible t order by 1');
      const before = await held();
      for (const everyRow of [false, true]) {
        const refused = await refusal(publish(wanted, { everyRow }));
        expect(refused).toBeInstanceOf(DorError);
        expect(refused.name).toBe('DorError');
        expect(refused.message).toMatch(reason);
        expect(await held()).toEqual(before);
      }
    });
  },
);

test('a trigger that only looks on is let be, at a first load as well; one that changes is not', async () => {
  await published(async ({ publishing, sql, publish }) => {
    await sql(
      `create table log (account_id text); ${trigger('before insert or update', 'insert into log values (new.account_id); return new;')}`,
    );
    await publish(BEFORE);
    await publish(after());
    expect(await heldRows(publishing, partition)).toEqual(byKey('nap', after()));
    // Each row that came or changed, and no other.
    expect(await sql('select count(*)::int as n from log')).toEqual([{ n: 20 + 8 }]);
  }, []);
  await published(async ({ publishing, sql, publish }) => {
    await sql(trigger('before insert', 'new.owner_name := lower(new.owner_name); return new;'));
    expect((await refusal(publish(BEFORE))).message).toMatch(/trigger meddler changed/);
    expect(await heldRows(publishing, partition)).toEqual([]);
  }, []);
});

test('a table that somebody emptied is filled again, although nothing is new', async () => {
  await published(async ({ publishing, sql, staged, publish }) => {
    const wanted = await staged(after());
    await publish(wanted);
    await sql('truncate dor_tangible');
    const part = await publish(wanted);
    expect(part).toMatchObject({ changes: { insert: 21 }, readBack: expect.stringMatching(/emptied/) });
    expect(await heldRows(publishing, partition)).toEqual(byKey('nap', after()));
  });
});

test('a publication log whose sequence is behind, as after a restore by rows, still ends with what was published last', async () => {
  await published(async ({ sql, publish, publishing }) => {
    await sql(`alter table dor_internal.publications alter id set generated by default;
      update dor_internal.publications set id = 70;
      alter table dor_internal.publications alter id set generated always`);
    await publish(after(), { everyRow: true });
    const [newest] = await readPublications(publishing.target, partition);
    expect(newest).toMatchObject({ id: '71', rows: after().length });
  });
});

test('only columns that differ are set', async () => {
  await published(async ({ sql, publish }) => {
    await sql(`create table log (what text);
      create function note() returns trigger language plpgsql as $$ begin insert into log values (tg_argv[0]); return null; end $$;
      create trigger of_owner after update of owner_name on dor_tangible for each row execute function note('owner');
      create trigger of_value after update of just_value on dor_tangible for each row execute function note('value')`);
    await publish(after());
    expect(await sql('select what, count(*)::int as n from log group by 1')).toEqual([
      { what: 'owner', n: 7 },
    ]);
  });
});

test('a former content without a column that a migration added since comes back with it empty', async () => {
  await published(async ({ publishing, publish }) => {
    const former = await stage(publishing, partition, BEFORE, 'former', ['filler']);
    await publish(BEFORE.map((row) => ({ ...row, filler: 'F' })));
    await publish(former, { kind: 'rollback', everyRow: true });
    expect(await heldRows(publishing, partition)).toEqual(byKey('nap', BEFORE));
  });
});

test('settings of the role and functions of the same names change neither what is read nor what is written', async () => {
  const sales: Partition = { dataset: 'sdf', county: findCounty('union'), year: 2025 };
  const sale = (index: number, day: string): Row => ({
    parcel_id: `P${index}`,
    sale_id: 'S',
    sale_date: day,
    sale_price: 5000,
  });
  const before = Array.from({ length: 20 }, (_, index) => sale(index, '2024-03-04'));
  const wanted = before.map((row, index) => (index < 3 ? sale(index, '2024-12-11') : row));
  await published(async ({ publishing, sql }) => {
    const [{ name }] = (await sql('select current_database() as name')) as [Row];
    await sql(`create schema odd; create function odd.md5(text) returns text language sql as 'select $$x$$';
      alter database ${name} set datestyle = 'German, DMY'; alter database ${name} set timezone = 'Asia/Tokyo';
      alter database ${name} set intervalstyle = 'iso_8601'; alter database ${name} set extra_float_digits = -15;
      alter database ${name} set bytea_output = 'escape'; alter database ${name} set standard_conforming_strings = off;
      alter database ${name} set search_path = odd, pg_catalog`);
    const { target } = publishing;
    const strange = await openTarget(urlOf(name as string), '', true);
    try {
      const own = { ...publishing, target: { ...strange, id: target.id } };
      await publishOnce(own, sales, await stage(own, sales, before, 'before'));
      const part = await publishOnce(own, sales, await stage(own, sales, wanted, 'after'), {
        everyRow: true,
      });
      expect(part.changes).toMatchObject({ update: 3, unchanged: 17 });
      expect(part.columns).toMatchObject([
        { name: 'sale_date', rows: 3, samples: [{ before: '2024-03-04' }, {}, {}] },
      ]);
      expect(await heldRows(publishing, sales)).toEqual(byKey('sdf', wanted));
      const again = await publishOnce(own, sales, await stage(own, sales, wanted, 'again'), {
        everyRow: true,
      });
      expect(again.changes).toMatchObject({ update: 0, unchanged: 20 });
    } finally {
      await strange.close();
    }
  });
});

test('values that the lake cannot have (NaN, infinity) are drift, shown, and taken back', async () => {
  const parcels: Partition = { dataset: 'nal', county: findCounty('union'), year: 2025 };
  const parcel = (id: string): Row => ({ parcel_id: id, land_acres: '1.5000', sale_date: '2024-03-04' });
  const wanted = ['A', 'B', 'C'].map(parcel);
  await published(async ({ publishing, sql }) => {
    const snapshot = await stage(publishing, parcels, wanted, 'parcels');
    await publishOnce(publishing, parcels, snapshot);
    const held = () => sql('select land_acres::text as acres, sale_date::text as day from dor_properties');
    const before = await held();
    await sql(`update dor_properties set land_acres = 'NaN' where parcel_id = 'A';
      update dor_properties set sale_date = 'infinity' where parcel_id = 'B';
      update dor_properties set sale_date = '0044-03-15 BC', land_units = 'NaN' where parcel_id = 'C'`);
    const part = await publishOnce(publishing, parcels, snapshot, { everyRow: true, kind: 'repair' });
    expect(part.changes).toMatchObject({ update: 3, unchanged: 0 });
    const shown = part.columns.flatMap(({ samples }) => samples.map((one) => [one.key, one.before]));
    expect(new Map(shown as [string, string][])).toEqual(
      new Map([
        ['A', 'NaN'],
        ['B', 'infinity'],
        ['C', expect.stringMatching(/NaN|BC/)],
      ]),
    );
    expect(await held()).toEqual(before);
  }, []);
});

test.each<[string, string, string]>([
  ['a value with the separators', '{"a": "1", "b": "2"}', '{"a": "1,b=2"}'],
  ['a length in a text', '{"a": "1,1:b1:2"}', '{"a": "1", "b": "2"}'],
  ['a number as text', '{"a": "1"}', '{"a": 1}'],
  ['null as text', '{"a": "null"}', '{"a": null}'],
  ['an empty key', '{"": "a"}', '{"a": ""}'],
  ['no object', '{}', '[]'],
])('two objects are never one: %s', async (_, was, is) => {
  const wanted = [{ ...account(0), extra: JSON.parse(was) }];
  await published(async ({ sql, publish, staged }) => {
    const snapshot = await staged(wanted);
    await publish(snapshot);
    expect((await publish(snapshot, { everyRow: true })).changes).toMatchObject({ update: 0, unchanged: 1 });
    await sql(`update dor_tangible set extra = '${is}'`);
    const part = await publish(snapshot, { everyRow: true, kind: 'repair' });
    expect(part.changes).toMatchObject({ update: 1 });
    expect(part.columns).toMatchObject([{ name: 'extra', rows: 1 }]);
    expect(await sql('select extra from dor_tangible')).toEqual([{ extra: JSON.parse(was) }]);
  }, []);
});

test('drift --repair touches no table whose columns were changed', async () => {
  const url = await server.createDatabase(`others${databases++}`);
  const data = inboxWithLiberty();
  expect((await ingestHere(data, { county: 'liberty', targetUrl: url })).code).toBe(0);
  const options = { targetUrl: url, paths: dataPaths(data), progress: SILENT };
  const drift = (repair: boolean) => findDrift(findCounty('liberty'), undefined, repair, options);
  const held = () => rows(url, 'select t::text as row from dor_tangible t order by 1');
  for (const [change, undo, reason] of [
    ['rename owner_name to owner', 'rename owner to owner_name', /lacks owner_name text and has owner text/],
    ["add note text default 'x'", 'drop note', /has note text default 'x'/],
    ['add note bigint generated always as (just_value) stored', 'drop note', /has note bigint default/],
    [
      'alter penalty_rate type real',
      'alter penalty_rate type bigint',
      /has penalty_rate real|lost .*view dor_tangible_current/,
    ],
  ] as const) {
    if (change.startsWith('alter')) await rows(url, 'drop view dor_tangible_current');
    await rows(url, `alter table dor_tangible ${change}`);
    const before = await held();
    for (const repair of [false, true]) expect((await refusal(drift(repair))).message).toMatch(reason);
    expect(await held()).toEqual(before);
    await rows(url, `alter table dor_tangible ${undo}`);
  }
  const { parts } = (await drift(false)).plan!;
  expect(parts.map(({ changes }) => changes.insert + changes.update + changes.delete)).toEqual([0, 0, 0]);
});
