import type { Argv } from 'yargs';
import { hideCredentials } from '../credentials.ts';
import type { Diagnosis } from '../doctor/diagnosis.ts';
import { examine } from '../doctor/doctor.ts';
import { EXIT } from '../errors.ts';
import { dataPaths } from '../lake/paths.ts';
import { chosenTarget, withTarget } from './targetOptions.ts';

/** `dor doctor`. */
export const doctorCommand = (parser: Argv) =>
  parser.command(
    'doctor',
    'Look at everything that a push depends on, say what to do about it, write nothing',
    (y) =>
      withTarget(y)
        .option('json', { type: 'boolean', default: false, describe: 'the findings as JSON' })
        .example('$0 doctor', 'the target of SUPABASE_DB_URL, and this machine')
        .example('$0 doctor --json | jq ".[] | select(.status != \\"ok\\")"', 'only what is not fine'),
    async (argv) => {
      const { targetUrl, targetSettings } = chosenTarget(argv);
      const found = await examine(targetUrl, targetSettings, dataPaths());
      const findings = found.map((finding) => ({ ...finding, detail: hideCredentials(finding.detail) }));
      process.stdout.write(
        argv.json ? `${JSON.stringify(findings, null, 2)}\n` : findings.map(line).join(''),
      );
      process.exitCode = exitCode(findings);
    },
  );

const SIGNS = { ok: 'ok     ', warn: 'warn   ', fail: 'FAIL   ', unknown: 'unknown' };

const line = ({ check, status, detail, remedy }: Diagnosis) =>
  `${SIGNS[status]} ${check.padEnd(11)} ${detail}\n${remedy ? `${' '.repeat(20)}→ ${remedy}\n` : ''}`;

/** Unreachable is told apart from a target that is there and not fit. */
function exitCode(findings: Diagnosis[]): number {
  const failed = findings.filter(({ status }) => status === 'fail');
  if (failed.some(({ check }) => check === 'reachable')) return EXIT.unreachable;
  return failed.length > 0 ? EXIT.gate : EXIT.ok;
}
