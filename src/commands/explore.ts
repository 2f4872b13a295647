import type { Argv } from 'yargs';
import { DorError, EXIT } from '../errors.ts';
import { dataPaths } from '../lake/paths.ts';
import { MOST_DISK_MB, MOST_MEMORY_MB } from '../query/usage.ts';

/** `dor explore`. */
export const exploreCommand = (parser: Argv) =>
  parser.command(
    'explore',
    'Open a local web page over the lake: SQL, charts, runs, reports',
    (y) =>
      y
        .option('port', { type: 'number', default: 4180, describe: '0 takes any free one' })
        .option('timeout', {
          type: 'number',
          default: 300,
          describe: 'seconds after which a query is stopped',
        })
        .option('memory-limit', {
          type: 'number',
          describe: `MB for all queries; default: half of it, at most ${MOST_MEMORY_MB}`,
        })
        .option('disk-limit', {
          type: 'number',
          describe: `MB for kept results and what queries spill; default: half of what is free, at most ${MOST_DISK_MB}`,
        })
        .example('$0 explore', 'prints the address; Ctrl-C ends'),
    async ({ port, timeout, memoryLimit, diskLimit }) => {
      if (!Number.isInteger(port) || port > 65_535)
        throw new DorError(`There is no port ${port}`, 'choose one up to 65535, or 0 for any', EXIT.usage);
      // Only here: a web server and its libraries would slow the start of every other command.
      const { startExplore } = await import('../explore/server.ts');
      const explore = await startExplore(dataPaths(), {
        port,
        timeoutSeconds: timeout,
        memoryLimitMb: memoryLimit,
        diskLimitMb: diskLimit,
      });
      process.stdout.write(`${explore.address}\n`);
      process.stderr.write('open this address in a browser of this machine; Ctrl-C ends\n');
      await new Promise<void>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
      });
      await explore.close();
    },
  );
