/**
 * How something is shown without what no report, sample, log or listing shows: every value of what is confidential
 * (confidential.ts), and every value of a column that was named.
 */

import { CONFIDENTIAL } from './confidential.ts';
import { DorError, EXIT } from './errors.ts';
import type { ColumnChange } from './lake/plans.ts';
import { isColumn, relatedColumns } from './lineage.ts';
import type { ColumnProfile, Dataset, Finding, RunManifest } from './model.ts';
import { DATASETS } from './rolls.ts';

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

/** Fewer rows than this are no statistic: a quantile or a common value of theirs may be that of one parcel. */
const STATISTIC_ROWS = 1000;

/** What may still be told of rows that are gone and held parcels that turned out confidential. @param ids of these. */
export function withoutValues(
  { columns, distributions, profiledRows }: RunManifest,
  ids: Set<string>,
): Pick<RunManifest, 'columns' | 'distributions'> {
  const few = profiledRows < STATISTIC_ROWS;
  return {
    columns: columns.map((column) => ({
      ...column,
      min: column.min && CONFIDENTIAL,
      max: column.max && CONFIDENTIAL,
      ...(few && { quantiles: null, histogram: null }),
      top: few ? [] : column.top.filter(({ value }) => !ids.has(value)),
    })),
    distributions: few ? [] : distributions,
  };
}

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
