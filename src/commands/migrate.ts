import type { Argv } from 'yargs';
import { EXIT } from '../errors.ts';
import { dataPaths } from '../lake/paths.ts';
import { buildIndexes } from '../target/indexes.ts';
import { migrate } from '../target/migrate.ts';
import { planMigrations } from '../target/migrations.ts';
import { openTarget } from '../target/open.ts';
import { saysFixed } from '../target/prepared.ts';
import { lostFrom, wrongPartitions } from '../target/restore.ts';
import { retryLost } from '../target/retry.ts';
import { dumpSchema } from '../target/schemaDump.ts';
import type { Target } from '../target/target.ts';
import { chosenTarget, withTarget } from './targetOptions.ts';

interface Wanted {
  plan: boolean;
  dump: boolean;
  compat: boolean;
  anonRead?: boolean;
  restore: boolean;
}

/** `dor migrate`. */
export const migrateCommand = (parser: Argv) =>
  parser.command(
    'migrate',
    'Bring the schema of the target up to date: tables, views, rights, indexes',
    (y) =>
      withTarget(y)
        .option('plan', {
          type: 'boolean',
          default: false,
          describe: 'say what would be done, write nothing',
        })
        .option('compat', {
          type: 'boolean',
          default: false,
          describe:
            "also the views florida_parcels, property_sales_history and fl_tpp_accounts of ConcordBroker's screens",
        })
        .option('anon-read', {
          type: 'boolean',
          describe: 'let everybody who has the anon key read (--no-anon-read takes it back)',
        })
        .option('restore', {
          type: 'boolean',
          default: false,
          describe: 'make again what somebody dropped of what dor had made',
        })
        .option('dump', {
          type: 'boolean',
          default: false,
          describe: 'print the schema as it is, write nothing',
        })
        .example('$0 migrate --plan', 'which migrations are pending')
        .example('$0 migrate --compat', "and the views of ConcordBroker's screens")
        .example('$0 migrate --dump | diff sql/schema.txt -', 'is the schema what it should be?'),
    async (argv) => {
      const { targetUrl, targetSettings } = chosenTarget(argv);
      const looks = argv.plan || argv.dump;
      const target = await openTarget(targetUrl, dataPaths().target, !looks, targetSettings);
      try {
        await work(target, argv);
      } finally {
        await target.close();
      }
    },
  );

async function work(target: Target, wanted: Wanted): Promise<void> {
  const { compat, anonRead, restore } = wanted;
  if (wanted.dump) {
    process.stdout.write(await dumpSchema(target));
    return;
  }
  if (wanted.plan) {
    for (const { name, appliedAt } of await planMigrations(target, { compat }))
      process.stdout.write(`${name}\t${appliedAt ? `applied ${appliedAt}` : 'pending'}\n`);
    const { gone } = await lostFrom(target);
    for (const lost of gone) process.stdout.write(`${lost}\tgone: --restore makes it again\n`);
    const wrong = gone.length > 0 ? null : await wrongPartitions(target);
    if (wrong) process.stdout.write(`dor_partitions\tto be fixed: ${wrong}\n`);
    return;
  }
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const options = { compat, anonRead, restore, rights: true };
  const { applied, restored, fixed } = await retryLost(() => migrate(target, options), say);
  for (const name of applied) process.stdout.write(`${name}\tapplied\n`);
  for (const name of restored) process.stdout.write(`${name}\trestored\n`);
  if (fixed > 0) say(saysFixed(fixed));
  if (applied.length + restored.length === 0)
    process.stderr.write(`${target.label}: no migration is pending\n`);
  if (anonRead !== undefined) await sayAnon(target, anonRead);
  const { built, failed } = await retryLost(() => buildIndexes(target, say), say);
  for (const name of built) process.stdout.write(`${name}\tbuilt\n`);
  // An ingest has published its rows all the same; this was asked for the schema and its indexes.
  if (failed > 0) process.exitCode = EXIT.gate;
}

async function sayAnon(target: Target, anonRead: boolean): Promise<void> {
  const [anon] = await target.query("select 1 from pg_roles where rolname = 'anon'");
  const outcome = anon ? `anon ${anonRead ? 'may read' : 'reads nothing'}` : 'there is no role anon here';
  process.stderr.write(`${target.label}: ${outcome}\n`);
}
