import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Argv } from 'yargs';
import { DorError } from '../errors.ts';
import { size } from '../formats.ts';
import { type AskedLog, clean, keptByDefault, refuseNoCount } from '../lake/clean.ts';
import { type DataPaths, dataPaths } from '../lake/paths.ts';
import { readPublications } from '../publishing/publicationLog.ts';
import { openTarget, type TargetSettings } from '../target/open.ts';
import type { Target } from '../target/target.ts';
import { chosenTarget, withTarget } from './targetOptions.ts';

/** `dor clean`. */
export const cleanCommand = (parser: Argv) =>
  parser.command(
    'clean',
    'Remove snapshots and plans that are older than the retention keeps',
    (y) =>
      withTarget(y)
        .option('keep', {
          type: 'number',
          default: keptByDefault(),
          describe: 'former publications of each partition, and plans of each county, to keep (or DOR_KEEP)',
        })
        .option('dry-run', { type: 'boolean', default: false, describe: 'only say what would be removed' })
        .example('$0 clean --keep 3 --dry-run', 'what three former publications leave over'),
    async (argv) => {
      const { keep, dryRun } = argv;
      refuseNoCount(keep);
      const paths = dataPaths();
      const { targetUrl, targetSettings } = chosenTarget(argv);
      const targets = await openAll(paths, targetUrl, targetSettings);
      try {
        const { removed, bytes } = await clean(paths.lake, keep, dryRun, targets.map(logOf));
        for (const path of removed) process.stdout.write(`${path}\n`);
        process.stderr.write(
          `${dryRun ? 'would remove' : 'removed'} ${removed.length} snapshots and plans, ${size(bytes)}\n`,
        );
      } finally {
        for (const target of targets) await target.close();
      }
    },
  );

const logOf = (target: Target): AskedLog => ({
  target: target.id,
  runs: async (partition) => (await readPublications(target, partition)).map(({ run }) => run),
});

/** What this lake publishes to, as far as it is there; whoever does not answer keeps what only its publication log may know. */
async function openAll(
  { target: folder }: DataPaths,
  url: string | undefined,
  settings: TargetSettings | undefined,
): Promise<Target[]> {
  const urls: (string | undefined)[] = url ? [url] : [];
  if (existsSync(join(folder, 'pglite'))) urls.push(undefined);
  const targets: Target[] = [];
  for (const one of urls) {
    try {
      targets.push(await openTarget(one, folder, false, settings));
    } catch (error) {
      if (!(error instanceof DorError)) throw error;
      process.stderr.write(
        `${error.message}\n  what it holds is not known: snapshots that no record of this lake names are kept\n`,
      );
    }
  }
  return targets;
}
