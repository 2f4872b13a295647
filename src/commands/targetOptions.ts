/** The options of every command that looks at a target, and what they mean. */

import type { Argv } from 'yargs';
import { type TargetSettings, targetUrl } from '../target/open.ts';

export const withTarget = <T>(y: Argv<T>) =>
  y
    .option('target', {
      type: 'string',
      describe:
        'Postgres URL without a password, which is taken from PGPASSWORD (default: SUPABASE_DB_URL, else the embedded one)',
    })
    .option('schema', {
      type: 'string',
      describe: 'schema of the published tables (default: DOR_SCHEMA, else public)',
    })
    .option('ca-file', {
      type: 'string',
      describe: "PEM file of the authority behind the server's certificate (default: DOR_CA_FILE)",
    });

/** @throws DorError (2) when the URL of the command line holds a password. */
export function chosenTarget(argv: { target?: string; schema?: string; caFile?: string }): {
  targetUrl: string | undefined;
  targetSettings: TargetSettings;
} {
  return {
    targetUrl: targetUrl(argv.target),
    targetSettings: { schema: argv.schema, caFile: argv.caFile },
  };
}
