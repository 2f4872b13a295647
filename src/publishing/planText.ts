/** Plans in words. */

import { count, percent } from '../formats.ts';
import { hasWork, type Plan, type PlanPart } from '../lake/plans.ts';
import type { AppliedPart } from './publish.ts';

const MEANING = {
  publish: 'to publish what is staged',
  rollback: 'to bring a former publication back',
  repair: 'to undo what others changed',
};

/** A plan for people: counts, columns that change most, guards, and what to do next. */
export function describePlan(plan: Plan): string {
  const work = plan.parts.some(hasWork);
  const name = work ? `Plan ${plan.id} ${MEANING[plan.kind]}` : `Compared ${MEANING[plan.kind]}`;
  const lines = [`${name}, for ${plan.target.label}`];
  for (const part of plan.parts) lines.push('', ...describePart(part));
  lines.push('', nextStep(plan));
  return `${lines.join('\n')}\n`;
}

function nextStep({ id, parts }: Plan): string {
  if (parts.some(hasWork)) {
    const closed = parts.flatMap(({ guards }) => guards.filter((one) => one.closed && !one.allowed));
    const flags = [...new Set(closed.map(({ flag }) => flag))];
    const condition = flags.length > 0 ? ', if all that is CLOSED is right' : '';
    return `Apply it with: ${['dor apply', id, ...flags].join(' ')}${condition}`;
  }
  // Nobody looked at the rows of a target whose publication log says what this lake has published.
  const believed = parts.some(({ currentFrom }) => currentFrom === 'lake');
  return `Nothing to do${believed ? ', by the record of what was published; dor drift looks at the rows themselves' : '.'}`;
}

function describePart(part: PlanPart): string[] {
  const { insert, update, delete: gone, unchanged } = part.changes;
  const whole = Math.max(1, unchanged + update + gone, part.to.rows);
  const lines = [
    `${part.table} ${part.county} ${part.year}   + ${count(insert)} insert   ~ ${count(update)} update   - ${count(gone)} delete   = ${count(unchanged)} same   (${percent(insert + update + gone, whole)} of the partition)`,
    `  from ${part.from ? `run ${part.from.run}, ${count(part.from.rows)} rows` : 'nothing'} to run ${part.to.run}, ${count(part.to.rows)} rows`,
  ];
  if (part.readBack) lines.push(`  read back from the target: ${part.readBack}`);
  for (const { table, year } of part.withdraws ?? [])
    lines.push(`  - the bundled sample of ${table} ${year} leaves: real rows come`);
  if (part.mediansDiffer) lines.push('  ~ dor_medians differ and are replaced');
  if (part.columns.length > 0 && part.columnsOf < update)
    lines.push(`  columns of a sample of ${count(part.columnsOf)} updates:`);
  for (const { name, rows, samples } of part.columns) {
    const [first] = samples;
    const example = first ? `   ${quote(first.before)} → ${quote(first.after)}   (${first.key})` : '';
    lines.push(`    ~ ${name.padEnd(28)} ${count(rows).padStart(9)} rows${example}`);
  }
  for (const { closed, allowed, flag, message } of part.guards) {
    if (!closed) lines.push(`    ok      ${message}`);
    else
      lines.push(
        allowed
          ? `    allowed ${message}`
          : `    CLOSED  ${message}\n            → if that is right: ${flag}`,
      );
  }
  return lines;
}

const quote = (value: string | null) => (value === null ? 'nothing' : JSON.stringify(value.slice(0, 40)));

/** What an apply did. */
export function describeApplied(applied: AppliedPart[]): string {
  const lines = applied.map(({ part, outcome }) => {
    const { insert, update, delete: gone } = part.changes;
    const what =
      outcome === 'applied'
        ? `: +${count(insert)} ~${count(update)} -${count(gone)}, run ${part.to.run}`
        : '';
    return `${part.table} ${part.county} ${part.year}: ${outcome}${what}`;
  });
  return `${lines.join('\n')}\n`;
}
