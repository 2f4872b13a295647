/** `dor ingest` without a process of its own, for tests that are about what comes after it. */

import { type IngestOptions, ingest } from '../src/ingest.ts';
import { dataPaths } from '../src/lake/paths.ts';

const DEFAULTS: Omit<IngestOptions, 'county'> = {
  sources: [],
  dryRun: false,
  push: true,
  force: false,
  acceptDrift: false,
  allow: new Set(),
  maxRejectPct: 1,
  redact: [],
};

/** What `dor ingest <county>` does with these options, and what it says on stderr. */
export async function ingestHere(data: string, options: Partial<IngestOptions> & { county: string }) {
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  const progress = { begin: say, end: say, say, advance() {} };
  const result = await ingest({ ...DEFAULTS, ...options }, dataPaths(data), progress);
  const { exitCode, manifests, refused } = result;
  return { code: exitCode, stderr: said.join('\n'), manifests, refused };
}
