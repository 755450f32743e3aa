// check.mjs: what the checks of pages in Chromium share.

import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

export const axe = createRequire(import.meta.url)('axe-core');

// Runs a check, which returns a list of problems; one that breaks off has failed.
export async function check(name, problemsOf) {
  let problems;
  try {
    problems = await problemsOf();
  } catch (error) {
    problems = [error.message.split('\n')[0]];
  }
  const reason = problems.slice(0, 3).join('; ').replace(/\s+/g, ' ').slice(0, 600);
  const more = problems.length > 3 ? `; and ${problems.length - 3} more` : '';
  console.log(problems.length ? `not ok ${name}: ${reason}${more}` : `ok ${name}`);
}

// What axe-core objects to, and the contrasts that it could not decide. It never decides those in a drawing.
export async function accessibility(page) {
  const found = await page.evaluate(() => axe.run({ exclude: 'svg *' }, { resultTypes: ['violations', 'incomplete'] }));
  const undecided = found.incomplete.filter((result) => result.id === 'color-contrast');
  return [...found.violations, ...undecided].flatMap((result) => result.nodes.map((node) =>
    `${result.id} at ${node.target}: ${[...node.any, ...node.all, ...node.none].map((part) => part.message)}`));
}

export function launch() {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    // Without these Chromium asks for hosts of its own, which a closed network refuses one by one.
    args: ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
}
