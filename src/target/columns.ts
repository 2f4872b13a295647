/** The columns of the published tables: as the migrations made them, or changed by somebody since. */

import { DorError } from '../errors.ts';
import { madeRelations } from './schemaDump.ts';
import { inSchema, type Target } from './target.ts';

/**
 * Refuses a table whose columns are not those of sql/schema.txt, by name, type, NOT NULL and default: what is compared,
 * written or read back would be another thing than what was published. A table that is not there yet passes.
 * @throws DorError naming the columns.
 */
export async function refuseChangedColumns(
  target: Pick<Target, 'query'>,
  schema: string,
  table: string,
): Promise<void> {
  const relation = inSchema(schema, table);
  const held = await describeColumns(target, relation);
  if (held.length === 0) return;
  await refuseLostKey(target, relation, table);
  const made = madeRelations().get(table)?.columns ?? [];
  const lacking = made.filter((column) => !held.includes(column));
  const unknown = held.filter((column) => !made.includes(column));
  if (lacking.length + unknown.length === 0) return;
  const found = [
    lacking.length > 0 && `lacks ${lacking.join(', ')}`,
    unknown.length > 0 && `has ${unknown.join(', ')}`,
  ];
  throw new DorError(
    `The columns of ${schema}.${table} were changed: it ${found.filter(Boolean).join(' and ')}; nothing was changed`,
    'undo that (dor migrate brings what a newer version of dor adds); columns of your own belong in a table of your own, joined by key',
  );
}

/** Without its primary key a table may hold a row twice, which no comparison by key would see. */
async function refuseLostKey(target: Pick<Target, 'query'>, relation: string, table: string): Promise<void> {
  const [held] = await target.query(
    "select 1 from pg_constraint where conrelid = to_regclass($1) and contype = 'p' and conname = $2",
    [relation, `${table}_pkey`],
  );
  if (held) return;
  const parts = madeRelations().get(table)?.parts ?? [];
  const [, key] = /PRIMARY KEY \((.*?)\)/.exec(parts.join('\n'))!;
  const [row] = await target.query(
    `select count(*)::text as n, min(t.key) as example
     from (select concat_ws(' ', ${key}) as key from ${relation} group by ${key} having count(*) > 1) t`,
  );
  throw new DorError(
    `${relation} has lost its primary key (${key}); ${row?.n} keys stand there more than once${row?.example ? `, such as ${row.example}` : ''}; nothing was changed`,
    'delete what stands there twice, then run dor migrate --restore',
  );
}

/** One line a column, as sql/catalog/schema.sql writes it. */
async function describeColumns(target: Pick<Target, 'query'>, relation: string): Promise<string[]> {
  const rows = await target.query(
    `select a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
       || case when a.attnotnull then ' not null' else '' end
       || case when a.attidentity <> '' then ' identity' else '' end
       || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') as line
     from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped order by a.attnum`,
    [relation],
  );
  return rows.map(({ line }) => String(line));
}
