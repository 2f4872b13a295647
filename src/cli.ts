/** The command line: one file a command in commands/, and the one catch. */

import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { applyCommand } from './commands/apply.ts';
import { catalogCommand } from './commands/catalog.ts';
import { cleanCommand } from './commands/clean.ts';
import { doctorCommand } from './commands/doctor.ts';
import { driftCommand } from './commands/drift.ts';
import { exploreCommand } from './commands/explore.ts';
import { ingestCommand } from './commands/ingest.ts';
import { migrateCommand } from './commands/migrate.ts';
import { planCommand } from './commands/plan.ts';
import { rejectsCommand } from './commands/rejects.ts';
import { reportCommand } from './commands/report.ts';
import { rollbackCommand } from './commands/rollback.ts';
import { sampleCommand } from './commands/sample.ts';
import { sqlCommand } from './commands/sql.ts';
import { statusCommand } from './commands/status.ts';
import { whyCommand } from './commands/why.ts';
import { DorError, EXIT, expectFullDisk, explain } from './errors.ts';

/** In the order of the help. */
const COMMANDS = [
  ingestCommand,
  planCommand,
  applyCommand,
  rollbackCommand,
  driftCommand,
  cleanCommand,
  sqlCommand,
  exploreCommand,
  catalogCommand,
  statusCommand,
  rejectsCommand,
  reportCommand,
  whyCommand,
  doctorCommand,
  migrateCommand,
  sampleCommand,
];

/** `--port abc` is read as a number that is none, which no comparison ever stops. */
function refuseNoNumbers(argv: Record<string, unknown>): true {
  const name = Object.keys(argv).find((key) => Number.isNaN(argv[key]));
  if (name === undefined) return true;
  const option = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new DorError(`--${option} needs a number`, 'see dor <command> --help', EXIT.usage);
}

const parser = yargs(hideBin(process.argv))
  .scriptName('dor')
  .usage(
    '$0 <command>\n\nFlorida DOR property rolls: from the source file to Supabase, checked at every step.',
  )
  .demandCommand(1, 'Which command?')
  .strict()
  .check(refuseNoNumbers, true)
  .wrap(Math.min(120, process.stderr.columns ?? 100))
  .fail((message, error) => {
    throw error ?? new DorError(message, 'see dor --help, or dor <command> --help', EXIT.usage);
  })
  .help();

for (const add of COMMANDS) add(parser);

// A reader that has seen enough (`dor why … | head`) closes the pipe: that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  await parser.parseAsync();
} catch (thrown) {
  const error = expectFullDisk(thrown);
  process.stderr.write(`${explain(error)}\n`);
  const code = error instanceof DorError ? error.code : EXIT.usage;
  // With --detailed-exitcode 2 says that there are changes, and nothing else does.
  const detailed = code === EXIT.usage && process.argv.includes('--detailed-exitcode');
  process.exitCode = detailed ? EXIT.usageDetailed : code;
}
