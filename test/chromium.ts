/** A real browser for tests: Debian's Chromium, driven by playwright-core. */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Starts it, and installs Debian's package first when it is missing and we are root. Close it when done. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = PATHS.find(existsSync) ?? install();
  return chromium.launch({
    executablePath,
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

function install(): string {
  if (process.getuid?.() !== 0)
    throw new Error(
      'Chromium is missing: install it, on Debian with apt-get install chromium, and run again',
    );
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    const { status, stderr } = spawnSync('apt-get', ['-qq', ...args], { env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`apt-get ${args.join(' ')} failed: ${stderr}`);
  }
  return PATHS[0]!;
}
