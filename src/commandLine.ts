/** The command line: one file a command in commands/, and the one catch. */

import yargs, { type Argv } from 'yargs';
import { closest } from './closest.ts';
import { expectFullDisk } from './diskFull.ts';
import { DorError, EXIT, explain } from './errors.ts';
import { expectForbidden } from './forbidden.ts';

/** In the order of the help. A command loads what it needs and nothing of the others, which would take longer than many a command. */
const COMMANDS: Record<string, () => Promise<(parser: Argv) => Argv>> = {
  ingest: async () => (await import('./commands/ingest.ts')).ingestCommand,
  plan: async () => (await import('./commands/plan.ts')).planCommand,
  apply: async () => (await import('./commands/apply.ts')).applyCommand,
  rollback: async () => (await import('./commands/rollback.ts')).rollbackCommand,
  drift: async () => (await import('./commands/drift.ts')).driftCommand,
  clean: async () => (await import('./commands/clean.ts')).cleanCommand,
  sql: async () => (await import('./commands/sql.ts')).sqlCommand,
  explore: async () => (await import('./commands/explore.ts')).exploreCommand,
  catalog: async () => (await import('./commands/catalog.ts')).catalogCommand,
  status: async () => (await import('./commands/status.ts')).statusCommand,
  rejects: async () => (await import('./commands/rejects.ts')).rejectsCommand,
  report: async () => (await import('./commands/report.ts')).reportCommand,
  why: async () => (await import('./commands/why.ts')).whyCommand,
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand,
  migrate: async () => (await import('./commands/migrate.ts')).migrateCommand,
  sample: async () => (await import('./commands/sample.ts')).sampleCommand,
};

/** `--port abc` is read as a number that is none, which no comparison ever stops; and nothing here counts below zero. */
function refuseNoNumbers(argv: Record<string, unknown>): true {
  const isWrong = (value: unknown) => typeof value === 'number' && !(value >= 0);
  const name = Object.keys(argv).find((key) => isWrong(argv[key]));
  if (name === undefined) return true;
  const option = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const needed = Number.isNaN(argv[name]) ? 'a number' : 'a number that is not negative';
  throw new DorError(`--${option} needs ${needed}`, 'see dor <command> --help', EXIT.usage);
}

/** The options of the command that was read; yargs has them, its types have not. */
const knownOptions = (parser: Argv) =>
  (parser as unknown as { getOptions(): { key: Record<string, unknown>; array: string[] } }).getOptions();

/** `--format csv --format json` is read as a list, which nothing but an option of many values expects. */
function refuseRepeated(argv: Record<string, unknown>, parser: Argv): true {
  const { key, array } = knownOptions(parser);
  const name = Object.keys(key).find((one) => Array.isArray(argv[one]) && !array.includes(one));
  if (name === undefined) return true;
  throw new DorError(`--${name} was given more than once`, 'give it once', EXIT.usage);
}

/** The command or option that a word with a slip of the pen was meant to be, of those that are known here. */
function didYouMean(message: string, parser: Argv, named?: string): string {
  const [, given, choices] = /Given: "(.*)", Choices: (.*)/.exec(message) ?? [];
  const choice =
    given &&
    closest(
      given,
      [...choices!.matchAll(/"(.*?)"/g)].map(([, one]) => one!),
    );
  if (choice) return `did you mean ${choice}? Otherwise `;
  const unknown = /^Unknown arguments?: (.*)$/.exec(message)?.[1]?.split(', ') ?? [];
  if (named && !Object.hasOwn(COMMANDS, named)) {
    const command = closest(named, Object.keys(COMMANDS));
    return command ? `did you mean dor ${command}? Otherwise ` : '';
  }
  const options = Object.keys(knownOptions(parser).key);
  const meant = unknown.map((word) => closest(word, options)).find((word) => word !== undefined);
  return meant ? `did you mean --${meant}? Otherwise ` : '';
}

/** Every command when none is named, for the help, and none for the version; else only that one. */
async function parserOf(words: string[]): Promise<Argv> {
  const [named] = words;
  const parser: Argv = yargs(words)
    .scriptName('dor')
    .usage(
      '$0 <command>\n\nFlorida DOR property rolls: from the source file to Supabase, checked at every step.',
    )
    .demandCommand(1, 'Which command?')
    .strict()
    .check((argv) => refuseRepeated(argv, parser), true)
    .check(refuseNoNumbers, true)
    .wrap(Math.min(120, process.stderr.columns ?? 100))
    .fail((message, error) => {
      throw (
        error ??
        new DorError(
          message,
          `${didYouMean(message, parser, named)}see dor --help, or dor <command> --help`,
          EXIT.usage,
        )
      );
    })
    .help();
  const all = named === '--version' ? [] : Object.keys(COMMANDS);
  const wanted = named && Object.hasOwn(COMMANDS, named) ? [named] : all;
  for (const add of await Promise.all(wanted.map((name) => COMMANDS[name]!()))) add(parser);
  return parser;
}

/** Runs `dor` with these words; what it comes to is in `process.exitCode`. Never throws. */
export async function runCommand(words: string[]): Promise<void> {
  const parser = await parserOf(words);
  try {
    await parser.parseAsync();
  } catch (thrown) {
    const error = expectForbidden(expectFullDisk(thrown));
    process.stderr.write(`${explain(error)}\n`);
    const code = error instanceof DorError ? error.code : EXIT.usage;
    // With --detailed-exitcode 2 says that there are changes, and nothing else does.
    const detailed = code === EXIT.usage && words.includes('--detailed-exitcode');
    process.exitCode = detailed ? EXIT.usageDetailed : code;
  }
}
