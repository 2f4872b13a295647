/**
 * What no report, sample, log or listing shows: every value of a parcel or account whose owner's home is exempt from
 * disclosure (sql/normalize/confidential.sql), and every value of a column that was named.
 */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Engine, literal, verbatim } from './engine.ts';
import { DorError, EXIT } from './errors.ts';
import { stagedFolder } from './lake/paths.ts';
import type { ColumnChange } from './lake/plans.ts';
import { isColumn, relatedColumns } from './lineage.ts';
import {
  type ColumnProfile,
  DATASETS,
  type Dataset,
  type Finding,
  type Partition,
  type RunManifest,
} from './model.ts';

/** Stands where a value was left out because of what its parcel is. */
export const CONFIDENTIAL = '(confidential)';
/** Stands where a value was left out because its column was named. */
export const REDACTED = '(redacted)';

/**
 * Column names of a `--redact` option or of DOR_REDACT, lower-case.
 * @throws DorError when no roll has a column of that name: a slip of the pen must not show what should be hidden.
 */
export function parseRedact(option: string[], environment = process.env.DOR_REDACT): string[] {
  const given = option.length > 0 ? option : [environment ?? ''];
  const names = given
    .flatMap((text) => text.split(','))
    .map((name) => name.trim().toLowerCase())
    .filter(Boolean);
  for (const name of names) {
    if (DATASETS.some((dataset) => isColumn(dataset, name))) continue;
    throw new DorError(
      `--redact ${name}: no roll has such a column`,
      'use a name of data/reference/fields.csv or of a staged table, such as owner_name or OWN_NAME',
      EXIT.usage,
    );
  }
  return [...new Set(names)];
}

/** All names, as staged and as in the roll, of the columns to hide; of the roll's columns and what is made from them. */
export const hiddenColumns = (dataset: Dataset, named: string[]): Set<string> =>
  new Set(named.flatMap((name) => relatedColumns(dataset, name)));

/** Hides what must be hidden in sampled rows. `confidential` is a column of the rows and goes. */
export function redactSamples(
  samples: Record<string, unknown>[],
  hidden: Set<string>,
): Record<string, string | null>[] {
  return samples.map(({ confidential, ...row }) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => {
        if (confidential === true) return [name, CONFIDENTIAL];
        return [name, hidden.has(name) && value !== null ? REDACTED : (value as string | null)];
      }),
    ),
  );
}

/** A profile without the values of hidden columns: fill and variety stay. */
export function redactProfile(columns: ColumnProfile[], hidden: Set<string>): ColumnProfile[] {
  return columns.map((column) =>
    hidden.has(column.name)
      ? { ...column, min: REDACTED, max: REDACTED, quantiles: null, histogram: null, top: [] }
      : column,
  );
}

/** Changes of hidden columns are counted and not shown. @param keys columns that samples are named by. */
export const redactChanges = (columns: ColumnChange[], keys: string[], hidden: Set<string>): ColumnChange[] =>
  columns.map((column) => ({
    ...column,
    samples: column.samples.map((sample) => ({
      ...(hidden.has(column.name) ? { before: REDACTED, after: REDACTED } : sample),
      key: keys.some((name) => hidden.has(name)) ? REDACTED : sample.key,
    })),
  }));

/** A finding about a hidden column says that something moved, and not what. */
export const redactFindings = (findings: Finding[], hidden: Set<string>): Finding[] =>
  findings.map((finding) =>
    finding.name && hidden.has(finding.name) && ['quantiles', 'shares'].includes(finding.measure)
      ? { ...finding, message: `${finding.name}: its ${finding.measure} moved ${REDACTED}` }
      : finding,
  );

/** A manifest as it may be shown when columns were named after the run. */
export function redactManifest(manifest: RunManifest, named: string[]): RunManifest {
  if (named.length === 0) return manifest;
  const hidden = hiddenColumns(manifest.dataset, named);
  const findings = redactFindings(manifest.findings, hidden);
  // The reason quotes findings.
  const reason = manifest.findings.reduce(
    (text, { message }, index) => text?.replaceAll(message, findings[index]!.message) ?? null,
    manifest.reason,
  );
  return {
    ...manifest,
    reason,
    findings,
    rules: manifest.rules.map((rule) => ({ ...rule, samples: redactSamples(rule.samples, hidden) })),
    columns: redactProfile(manifest.columns, hidden),
    distributions: manifest.distributions.filter(({ columns }) => !columns.some((name) => hidden.has(name))),
    redaction: {
      ...manifest.redaction,
      columns: [...new Set([...manifest.redaction.columns, ...named])],
    },
  };
}

/**
 * Leaves the table `confidential_parcels(parcel_id)`: parcels of the county that its staged rolls flag, of any year,
 * because a home does not move. The sales roll has no owners and needs it.
 */
export async function listConfidential(engine: Engine, lake: string, { county }: Partition): Promise<void> {
  const folder = join(stagedFolder(lake, { dataset: 'nal', county, year: 0 }), '..');
  const years = existsSync(folder) ? readdirSync(folder) : [];
  const staged = years.map((year) => join(folder, year, 'data.parquet')).filter((file) => existsSync(file));
  const files = `read_parquet([${staged.map((file) => literal(verbatim(file))).join(', ')}], union_by_name = true)`;
  const columns = staged.length > 0 ? await engine.rows(`describe from ${files}`) : [];
  const select = columns.some((row) => row.column_name === 'is_confidential')
    ? `select distinct parcel_id from ${files} where is_confidential`
    : 'select null::varchar as parcel_id where false';
  await engine.run(`create or replace temp table confidential_parcels as ${select}`);
}
