import type { Argv } from 'yargs';
import { withEngine } from '../engine.ts';
import { DorError, EXIT } from '../errors.ts';
import { rememberRuns } from '../lake/history.ts';
import { newestRuns, readRun } from '../lake/manifest.ts';
import { type DataPaths, dataPaths } from '../lake/paths.ts';
import { openScratch } from '../lake/scratch.ts';
import type { RunManifest } from '../model.ts';
import { parseRedact } from '../redaction.ts';
import { findCounty } from '../reference.ts';
import { damageFor, writeReport, writeStateReport } from '../report/write.ts';

const MEMORY_MB = 256;

/** `dor report`. */
export const reportCommand = (parser: Argv) =>
  parser.command(
    'report <county>',
    'Write the quality report of the last runs again and say where it is',
    (y) =>
      y
        .positional('county', { type: 'string', demandOption: true, describe: 'name or DOR number, or all' })
        .option('run', { type: 'string', describe: 'of this run instead of the last; see data/lake/runs' })
        .option('redact', {
          type: 'string',
          array: true,
          default: [] as string[],
          describe: 'columns whose values it leaves out (default: DOR_REDACT)',
        })
        .example('$0 report broward', 'the path of the page; the same as JSON lies beside it')
        .example('$0 report all', 'the whole state, and every county')
        .example('$0 report broward --redact owner_name', 'a page without names'),
    async ({ county, run, redact }) => {
      const paths = dataPaths();
      const named = parseRedact(redact);
      const slug = county.toLowerCase() === 'all' ? undefined : findCounty(county).slug;
      const chosen = run ? [findRun(paths, run, slug)] : newestRuns(paths.lake, slug);
      if (chosen.length === 0)
        throw new DorError(
          slug ? `${findCounty(slug).name} has not been ingested yet` : 'Nothing has been ingested yet',
          `run: make ingest COUNTY=${slug ?? 'broward'}`,
        );
      const scratch = openScratch(paths.lake);
      const written = await withEngine(scratch, MEMORY_MB, async (engine) => {
        const pages = slug ? [] : [await writeStateReport(paths, chosen, { redact: named })];
        for (const group of byCountyAndYear(chosen)) {
          for (const { dataset, county: slug } of group)
            await rememberRuns(engine, paths.lake, { dataset, county: slug }, scratch);
          pages.push(await writeReport(engine, paths, group, { redact: named, name: run && `runs/${run}` }));
        }
        return pages;
      });
      for (const path of written) process.stdout.write(`${path}\n`);
      for (const { dataset, county: slug, year } of chosen) {
        const damage = damageFor(paths.lake, { dataset, county: findCounty(slug), year });
        if (!damage) continue;
        process.stderr.write(`${damage}\n`);
        process.exitCode = EXIT.gate;
      }
    },
  );

function findRun({ lake }: DataPaths, run: string, county: string | undefined): RunManifest {
  const found = readRun(lake, run);
  if (found && (!county || found.county === county)) return found;
  throw new DorError(
    `There is no run ${run}${county ? ` of ${findCounty(county).name}` : ''}`,
    'runs are called as the files in data/lake/runs; see dor status, or dor sql "select run from runs"',
    EXIT.usage,
  );
}

function byCountyAndYear(manifests: RunManifest[]): RunManifest[][] {
  const groups = new Map<string, RunManifest[]>();
  for (const one of manifests) {
    const key = `${one.county} ${one.year}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()];
}
