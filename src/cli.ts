/** `bin/dor`: the command line as a process. */

import { runCommand } from './commandLine.ts';

// A reader that has seen enough (`dor why … | head`) closes the pipe: that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

await runCommand(process.argv.slice(2));
