/** The rows of a plan as one list that can be queried, row by row. */

import { join } from 'node:path';
import { CONFIDENTIAL } from '../confidential.ts';
import { plansFolder } from '../lake/paths.ts';
import type { Plan, PlanPart } from '../lake/plans.ts';
import { hiddenColumns, REDACTED } from '../redaction.ts';
import { ROLLS } from '../rolls.ts';
import { literal, parquet } from '../sqlText.ts';

/**
 * A query over the plan's files: what, table, year, key, column, before, after. An update has a line for each column
 * that changes; an insert or a delete has one line. Rows and columns that nothing shows have their line, and no values.
 * @param redact columns as they were named.
 */
export function changeListQuery(lake: string, { id, parts, kind }: Plan, redact: string[]): string {
  const folder = join(plansFolder(lake), id);
  const selects = parts
    .map((part) => listPart(folder, part, kind === 'repair', hiddenColumns(part.dataset, redact)))
    .filter((one) => one !== null);
  const none = `select null::varchar as what, null::varchar as "table", null::int as year, null::varchar as key,
    null::varchar as "column", null::varchar as before, null::varchar as after where false`;
  return `from (${[...selects, none].join(' union all ')}) order by "table", year, what, key, "column"`;
}

/** What a repair inserts someone deleted, and what it deletes someone inserted. */
const BY_OTHERS = { insert: 'deleted', update: 'changed', delete: 'inserted' };
const BY_US = { insert: 'insert', update: 'update', delete: 'delete' };

function listPart(
  folder: string,
  { dataset, table, year, files }: PlanPart,
  byOthers: boolean,
  hidden: Set<string>,
): string | null {
  const words = byOthers ? BY_OTHERS : BY_US;
  const keys = ROLLS[dataset].keys.staged.join(', ');
  const confidential = files.hidden
    ? `(${keys}) in (select (${keys}) from ${parquet(join(folder, files.hidden.path))})`
    : 'false';
  const key = ROLLS[dataset].keys.staged.some((name) => hidden.has(name))
    ? literal(REDACTED)
    : `concat_ws(' ', ${keys})`;
  const same = `${literal(table)} as "table", ${year} as year,
    case when ${confidential} then ${literal(CONFIDENTIAL)} else ${key} end as key`;
  const { changes, after } = files;
  if (changes) {
    const what = Object.entries(words).map(([op, word]) => `when ${literal(op)} then ${literal(word)}`);
    const named = [...hidden, ''].map(literal).join(', ');
    const shown = (value: string) =>
      `case when ${value} is null then null when ${confidential} then ${literal(CONFIDENTIAL)}
        when d.name in (${named}) then ${literal(REDACTED)} else ${value} end`;
    const [before, now] = byOthers ? ['d.after', 'd.before'] : ['d.before', 'd.after'];
    return `select case op ${what.join(' ')} end as what, ${same}, d.name as "column",
        ${shown(before!)} as before, ${shown(now!)} as after
      from (select *, unnest(case when len(changed) > 0 then changed else [null] end) as d from ${parquet(join(folder, changes.path))})`;
  }
  if (!after) return null;
  return `select ${literal(words.insert)} as what, ${same}, null::varchar as "column", null::varchar as before, null::varchar as after
    from ${parquet(join(folder, after.path))}`;
}
