// check.mjs: what the tests in the browser share: a check's line, and Chromium.

import { chromium } from 'playwright-core';

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

export function launch() {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    // Without these Chromium asks for hosts of its own, which a closed network refuses one by one.
    args: ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
}
