/** The last words of an ingest: ledger, changes, verdict, times, where the report is. */

import { count } from './formats.ts';
import type { IngestResult } from './ingest.ts';
import type { RunManifest } from './model.ts';
import { describeVerdict, notRun } from './verdict.ts';

/** Plain text for people. */
export function summarise({ manifests, refused, reports }: IngestResult): string {
  const blocks = manifests.map(block);
  for (const { message, remedy } of refused) blocks.push(`REFUSED  ${message}\n  → ${remedy}`);
  for (const report of reports) blocks.push(`report   ${report}`);
  return `\n${blocks.join('\n')}\n`;
}

function block(manifest: RunManifest): string {
  const { county, dataset, year, status, ledger, changes, source } = manifest;
  const rejected = ledger.rejectedStructure + ledger.rejectedRule;
  const seconds = manifest.timings.reduce((sum, timing) => sum + timing.seconds, 0);
  const broken = manifest.rules.filter((rule) => (rule.rows ?? 0) > 0).length;
  const lines = [
    `${county} ${dataset.toUpperCase()} ${year}: ${status}${source.sample ? ' (SAMPLE, no real rows)' : ''}`,
    `  verdict  ${describeVerdict({ ...manifest, reason: 'the run was stopped' })}`,
    `  rows     ${count(ledger.recordsIn)} in = ${count(ledger.accepted)} accepted + ${count(rejected)} rejected + ${count(ledger.duplicates)} duplicates`,
  ];
  if (changes) {
    const { insert, update, delete: deleted, unchanged } = changes;
    lines.push(
      `  target   +${count(insert)} ~${count(update)} -${count(deleted)} =${count(unchanged)} in ${manifest.target}`,
    );
  }
  lines.push(
    `  quality  ${broken} of ${manifest.rules.length} rules broken, ${count(manifest.rowsWithWarning)} rows with a warning`,
  );
  for (const [why, ids] of notRun(manifest.rules)) lines.push(`  not run  ${ids.join(', ')}: ${why}`);
  for (const { id, message } of manifest.fileRules) lines.push(`  file     ${id} ${message}`);
  lines.push(`  baseline ${against(manifest)}`);
  for (const { level, message } of manifest.findings.slice(0, 8))
    lines.push(`           ${level === 'fail' ? 'FAR OFF' : 'unlike'} ${message}`);
  lines.push(
    `  time     ${seconds.toFixed(1)} s (${manifest.timings.map((t) => `${t.step} ${t.seconds.toFixed(1)}`).join(', ')}), peak ${manifest.peakRssMb} MB`,
  );
  if (manifest.reason) lines.push(`  STOPPED  ${manifest.reason}\n  → ${manifest.remedy ?? 'this is a bug'}`);
  return lines.join('\n');
}

/** What the run was compared with, and how that went. */
function against({ baseline, findings }: RunManifest): string {
  if (!baseline) return 'not compared: the run ended before';
  if (baseline.runs.length === 0) return 'the first good run: nothing to compare with yet';
  const found = findings.length === 0 ? 'nothing outside its band' : `${findings.length} outside their bands`;
  return `${found}, against ${baseline.runs.length} earlier runs and ${baseline.counties} other counties`;
}
