import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where Debian's package `chromium` puts it. */
const EXECUTABLE = '/usr/bin/chromium';

/** Why browser tests can't run here, or undefined when they can. */
const noBrowser: string | undefined = existsSync(EXECUTABLE)
  ? undefined
  : `there is no ${EXECUTABLE}: apt-get install chromium`;

/** `describe`, or a skipped one whose title says why. */
export function describeInBrowser(title: string, tests: () => void): void {
  if (noBrowser === undefined) describe(title, tests);
  else describe.skip(`${title} (skipped: ${noBrowser})`, tests);
}

/** A browser with a profile of its own, which talks to nobody but the pages that it is sent to. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: EXECUTABLE,
    headless: true,
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
