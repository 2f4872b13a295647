/** Quality reports: which there are, and how they are served. */

import { createReadStream, type Dirent, readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { DataPaths } from '../lake/paths.ts';
import { REPORT_POLICY } from './guard.ts';
import { REPORT } from './schemas.ts';

export interface ReportLine {
  /** In the folder of reports, with `/` between folders. */
  name: string;
  changedAt: string;
}

/** The reports, newest first. Only files themselves: what a link points to may lie anywhere. */
export function reports({ reports: folder }: DataPaths): ReportLine[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch {
    return [];
  }
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.html'))
    .flatMap((entry) => {
      const path = join(entry.parentPath, entry.name);
      const found = statSync(path, { throwIfNoEntry: false });
      const name = relative(folder, path).split(sep).join('/');
      return found ? [{ name, changedAt: found.mtime.toISOString() }] : [];
    })
    .sort((a, b) => (a.changedAt < b.changedAt ? 1 : -1));
}

/** Where a report is opened; relative links between reports keep the pass. */
export const reportAddress = (name: string, pass: string) =>
  `/reports/${pass}/${name.split('/').map(encodeURIComponent).join('/')}`;

/** Serves what is listed and nothing else, so that no spelling of a name leads out of the folder. */
export function serveReports(server: FastifyInstance, paths: DataPaths): void {
  server.get<{ Params: { '*': string } }>(
    '/reports/:pass/*',
    { schema: REPORT, config: { opens: 'pass' } },
    ({ params }, reply) => {
      const name = params['*'];
      if (!reports(paths).some((one) => one.name === name)) return reply.callNotFound();
      return reply
        .type('text/html; charset=utf-8')
        .header('content-security-policy', REPORT_POLICY)
        .send(createReadStream(join(paths.reports, name)));
    },
  );
}
