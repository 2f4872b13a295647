/** The rows of a plan as one list that can be queried, row by row. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { literal } from '../engine.ts';
import { plansFolder } from '../lake/paths.ts';
import type { Plan, PlanPart } from '../lake/plans.ts';
import { parquet } from '../lake/snapshots.ts';
import { ROW_KEYS } from './content.ts';

/**
 * A query over the plan's files: what, table, year, key, column, before, after. An update has a line for each column
 * that changes; an insert or a delete has one line.
 */
export function changeListQuery(lake: string, { id, parts, kind }: Plan): string {
  const folder = join(plansFolder(lake), id);
  const selects = parts
    .map((part) => listPart(folder, part, kind === 'repair'))
    .filter((one) => one !== null);
  const none = `select null::varchar as what, null::varchar as "table", null::int as year, null::varchar as key,
    null::varchar as "column", null::varchar as before, null::varchar as after where false`;
  return `from (${[...selects, none].join(' union all ')}) order by "table", year, what, key, "column"`;
}

/** What a repair inserts someone deleted, and what it deletes someone inserted. */
const BY_OTHERS = { insert: 'deleted', update: 'changed', delete: 'inserted' };
const BY_US = { insert: 'insert', update: 'update', delete: 'delete' };

function listPart(folder: string, part: PlanPart, byOthers: boolean): string | null {
  const words = byOthers ? BY_OTHERS : BY_US;
  const key = `concat_ws(' ', ${ROW_KEYS[part.dataset].join(', ')})`;
  const same = `${literal(part.table)} as "table", ${part.year} as year, ${key} as key`;
  const { changes, after } = part.files;
  if (changes && existsSync(join(folder, changes.path))) {
    const what = Object.entries(words).map(([op, word]) => `when ${literal(op)} then ${literal(word)}`);
    return `select case op ${what.join(' ')} end as what, ${same}, d.name as "column",
        ${byOthers ? 'd.after as before, d.before as after' : 'd.before as before, d.after as after'}
      from (select *, unnest(case when len(changed) > 0 then changed else [null] end) as d from ${parquet(join(folder, changes.path))})`;
  }
  if (!after) return null;
  return `select ${literal(words.insert)} as what, ${same}, null::varchar as "column", null::varchar as before, null::varchar as after
    from ${parquet(join(folder, after.path))}`;
}
