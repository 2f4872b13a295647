/** `dor ingest` without a process of its own, for tests that are about what comes after it. */

import { ingest } from '../src/ingest.ts';
import { dataPaths } from '../src/lake/paths.ts';

/** What `dor ingest liberty [--no-push]` does, and what it says on stderr. */
export async function ingestLiberty(data: string, url: string, push = true) {
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  const result = await ingest(
    {
      county: 'liberty',
      sources: [],
      dryRun: false,
      push,
      force: false,
      allow: new Set(),
      maxRejectPct: 1,
      targetUrl: url,
    },
    dataPaths(data),
    { begin: say, end: say, say, advance() {} },
  );
  return { code: result.exitCode, stderr: said.join('\n'), manifests: result.manifests };
}
