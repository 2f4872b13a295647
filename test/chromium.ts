/** A real browser for tests of pages: Debian's Chromium, driven by playwright-core. */

import { type Browser, chromium } from 'playwright-core';
import { ensureDebian } from './debian.ts';

const PATH = '/usr/bin/chromium';

/** Starts a headless browser with a new profile that looks for nothing outside. The caller closes it. */
export async function launchChromium(): Promise<Browser> {
  ensureDebian('chromium', PATH);
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
