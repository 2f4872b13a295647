/** A real browser for tests of pages: Debian's Chromium, installed when it is missing. */

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PATH = '/usr/bin/chromium';

/** Starts a headless browser with a new profile that looks for nothing outside. The caller closes it. */
export async function launchChromium(): Promise<Browser> {
  if (!existsSync(PATH)) install();
  return chromium.launch({
    executablePath: PATH,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

function install(): void {
  if (process.getuid?.() !== 0)
    throw new Error(`The tests of pages need ${PATH}: run apt-get install chromium as root`);
  const apt = (...args: string[]) =>
    execFileSync('apt-get', ['-qq', ...args], {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  apt('update');
  apt('install', '-y', '--no-install-recommends', 'chromium');
}
