/** Programs from Debian's packages that tests need: installed when they are missing and this may be done. */

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** @throws Error with the command to run when the package is missing and only root could install it. */
export function ensureDebian(name: string, program: string): void {
  if (existsSync(program)) return;
  if (process.getuid?.() !== 0)
    throw new Error(`${program} is missing: sudo apt-get update && sudo apt-get install -y ${name}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['update', '-qq'], { env, stdio: 'ignore' });
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], {
    env,
    stdio: 'ignore',
  });
}
