/** `bin/dor`: the command line as a process. */

import { runCommand } from './commandLine.ts';
import { whenReaderGoes } from './terminal.ts';

whenReaderGoes(() => process.exit());

await runCommand(process.argv.slice(2));
