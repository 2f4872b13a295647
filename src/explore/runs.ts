/** Runs as the page shows them. A lake remembers thousands of manifests, each some 100 kB: each is read once. */

import { join } from 'node:path';
import { runNames } from '../lake/manifest.ts';
import { runsFolder } from '../lake/paths.ts';
import type { RunManifest } from '../model.ts';
import { reasonOf } from '../verdict.ts';
import { FileCache, type ReadText } from './fileCache.ts';

export interface RunLine {
  run: string;
  county: string;
  dataset: string;
  year: number;
  status: string;
  verdict: string;
  rows: number;
  rejected: number;
  finishedAt: string;
  seconds: number;
  reason: string | null;
  sample: boolean;
}

/** What is known of a partition's staged rows and their columns. */
export type Profile = Pick<RunManifest, 'table' | 'staged' | 'columns'>;

export class Runs {
  private readonly lines: FileCache<RunLine>;
  private readonly profiles: FileCache<Profile | 'none'>;

  constructor(
    private readonly lake: string,
    read?: ReadText,
  ) {
    this.lines = new FileCache((text) => lineOf(JSON.parse(text)), read);
    this.profiles = new FileCache((text) => profileOf(JSON.parse(text)), read);
  }

  /** The last runs, newest first, and the manifests among them that cannot be read. */
  async last(count = 200): Promise<{ runs: RunLine[]; unreadable: string[] }> {
    const names = runNames(this.lake).slice(-count).reverse();
    const paths = names.map((name) => this.pathOf(name));
    this.lines.keep(new Set(paths));
    const runs: RunLine[] = [];
    const unreadable: string[] = [];
    // One after the other: each may take a millisecond to parse, and others want to be answered meanwhile.
    for (const [at, path] of paths.entries()) {
      const line = await this.lines.get(path);
      if (line) runs.push(line);
      else unreadable.push(`${names[at]}.json`);
    }
    return { runs, unreadable };
  }

  /** By table: of each partition the newest run that staged rows. Earlier ones of the partition are not read. */
  async staged(): Promise<Map<string, Profile[]>> {
    const partitions = new Map<string, string[]>();
    for (const name of runNames(this.lake).reverse()) {
      const partition = name.replace(/^[^-]+-|-[^-]+$/g, '');
      partitions.set(partition, [...(partitions.get(partition) ?? []), this.pathOf(name)]);
    }
    const byTable = new Map<string, Profile[]>();
    const used = new Set<string>();
    for (const paths of partitions.values())
      for (const path of paths) {
        used.add(path);
        const profile = await this.profiles.get(path);
        if (profile === null || profile === 'none') continue;
        byTable.set(profile.table, [...(byTable.get(profile.table) ?? []), profile]);
        break;
      }
    this.profiles.keep(used);
    return byTable;
  }

  private pathOf(name: string): string {
    return join(runsFolder(this.lake), `${name}.json`);
  }
}

const opened = new Map<string, Runs>();

/** The runs of a lake, as this process remembers them. */
export function runsOf(lake: string): Runs {
  const runs = opened.get(lake) ?? new Runs(lake);
  opened.set(lake, runs);
  return runs;
}

function lineOf(run: RunManifest): RunLine {
  return {
    run: run.run,
    county: run.county,
    dataset: run.dataset,
    year: run.year,
    status: run.status,
    verdict: run.verdict,
    rows: run.ledger.accepted,
    rejected: run.ledger.rejectedRule + run.ledger.rejectedStructure + run.ledger.duplicates,
    finishedAt: run.finishedAt,
    seconds: (Date.parse(run.finishedAt) - Date.parse(run.startedAt)) / 1000,
    reason: run.reason ?? reasonOf(run),
    sample: run.source.sample,
  };
}

/** Without what only reports show. */
function profileOf({ table, staged, status, columns }: RunManifest): Profile | 'none' {
  if (!staged || !['staged', 'published', 'unchanged'].includes(status)) return 'none';
  return {
    table,
    staged,
    columns: columns.map((column) => ({ ...column, quantiles: null, histogram: null, top: [] })),
  };
}
