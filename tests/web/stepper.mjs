// stepper.mjs: walks through the book's stepper in Chromium as a reader does, beside seccomp-inspect, and
// prints "ok NAME" or "not ok NAME: REASON".
//
// node stepper.mjs TUTORIAL INSPECTOR FILTERS: the folders tutorial and tests/filters, and seccomp-inspect.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { check, launch } from './check.mjs';

const [tutorial, inspector, odd] = process.argv.slice(2).map((path) => resolve(path));

const rows = (name) => readFileSync(`${tutorial}/data/filters/${name}`, 'utf8').trim().split('\n').map((row) => row.split('\t'));
const abis = rows('abis.tsv');

function inspect(args, input) {
  return JSON.parse(execFileSync(inspector, args, { input, encoding: 'utf8', maxBuffer: 1 << 26 }));
}

// A recorded filter as the kernel's array of struct sock_filter, in this machine's byte order.
function raw(architecture, program) {
  const { filters } = JSON.parse(readFileSync(`${tutorial}/data/filters/${architecture}-${program}.json`, 'utf8'));
  return Buffer.concat(filters[0].instructions.map(({ code, jt, jf, k }) => {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt16LE(code, 0);
    bytes.writeUInt8(jt, 2);
    bytes.writeUInt8(jf, 3);
    bytes.writeUInt32LE(k, 4);
    return bytes;
  }));
}

const open = async (browser, language, hash = '', options = {}) => {
  const page = await (await browser.newContext(options)).newPage();
  page.setDefaultTimeout(10000);
  await page.goto(`${pathToFileURL(`${tutorial}/build/seccomp-workbook.${language}.html`).href}${hash}`);
  return page;
};

// Chooses in the page's controls, walks to the verdict, and returns its value, for each call.
function walkAll(page, program, architecture, abi, calls) {
  return page.evaluate(([chosen, calls]) => {
    const set = (name, value) => {
      const control = document.getElementById(`stepper-${name}`);
      control.value = value;
      if (control.value !== value) throw new Error(`${name} can't be ${value}`);
      control.dispatchEvent(new Event('change', { bubbles: true }));
    };
    for (const [name, value] of chosen) set(name, value);
    const end = document.querySelectorAll('.stepper .steps button')[3];
    return calls.map((call) => {
      set('call', call);
      end.click();
      return document.querySelector('.stepper output').dataset.value;
    });
  }, [[['program', program], ['architecture', architecture], ['abi', abi]], calls]);
}

// Every call that the page offers, and some numbers that are no call's.
async function verdicts(page, program, architecture) {
  const problems = [];
  const simulated = inspect(['verdicts', '--format=json', `--abi=${architecture}`, '-f', '-'], raw(architecture, program));
  for (const [of, abi] of abis) {
    if (of !== architecture) continue;
    const { calls } = simulated.abis.find((one) => one.abi === abi);
    for (const key of ['name', 'number']) {
      const found = await walkAll(page, program, architecture, abi, calls.map((call) => String(call[key])));
      // Where arguments decide there are several; which one is right, trace says below.
      calls.forEach((call, i) => {
        if (!call.values.map(String).includes(found[i])) {
          problems.push(`${abi} ${call[key]}: ${found[i]} here, ${call.values} by the simulator`);
        }
      });
      if (calls.length < 200) problems.push(`only ${calls.length} calls of ${abi}`);
    }
  }
  return problems;
}

// The page's machine on filters that no stage has: arguments, arithmetic, memory, long jumps.
async function oddFilters(page) {
  const problems = [];
  const words = [0n, 1n, 2n, 5n, 0x41n, 0xffffffffn, 0x100000000n, 0x100000002n, 0xffffffffffffffffn];
  for (const name of readdirSync(odd).filter((name) => name.endsWith('.raw'))) {
    const bytes = readFileSync(`${odd}/${name}`);
    const order = name.includes('s390x') ? 'BE' : 'LE';
    const instructions = Array.from({ length: bytes.length / 8 }, (unused, i) => ({
      code: bytes[`readUInt16${order}`](8 * i), jt: bytes[8 * i + 2], jf: bytes[8 * i + 3], k: bytes[`readUInt32${order}`](8 * i + 4),
    }));
    for (let i = 0; i < 8; i += 1) {
      const nr = [0, 1, 3, 5, 20, 57, 231, 435][i];
      const args = [0, 1, 2, 3, 4, 5].map((j) => words[(3 * i + 2 * j) % words.length]);
      const abi = order === 'BE' ? 's390x' : 'x86_64';
      const expected = inspect(['trace', '--format=json', `--abi=${abi}`, '-f', `${odd}/${name}`, String(nr), ...args.map(String)]);
      const found = await page.evaluate(([instructions, nr, arch, args]) =>
        simulate(instructions, { nr, arch, instructionPointer: 0n, args: args.map(BigInt) }),
      [instructions, nr, expected.arch, args.map(String)]);
      const steps = expected.filters[0].steps.map(({ index, a }) => ({ index, a }));
      if (JSON.stringify(found) !== JSON.stringify(steps)) problems.push(`${name}, call ${nr}, arguments ${args}`);
    }
  }
  return problems;
}

const said = (page) => page.locator('.stepper output').textContent();

// What a reader does without a mouse; the address has to name the state all the time.
async function byKeyboard(page, language) {
  const problems = [];
  await page.locator('#stepper-call').fill('fork');
  await page.keyboard.press('Tab');
  await page.locator('.stepper .instructions').focus();
  const first = await said(page);
  await page.keyboard.press('ArrowRight');
  if (await said(page) === first) problems.push('the right arrow does nothing');
  if (await page.locator('.stepper tr[aria-current=step]').count() !== 1) problems.push('no current instruction');
  await page.keyboard.press('ArrowLeft');
  if (await said(page) !== first) problems.push('the left arrow does not go back');
  await page.keyboard.press('End');
  const end = await said(page);
  if (!await page.locator('.stepper output').getAttribute('data-value')) problems.push('End does not lead to the verdict');
  const { hash } = new URL(await page.locator('.stepper a').evaluate((link) => link.href));
  await page.waitForURL((url) => url.hash === hash);
  const other = await open(page.context().browser(), language, hash);
  if (await said(other) !== end) problems.push(`${hash} says ${await said(other)}`);
  await page.keyboard.press('Home');
  if (await said(page) !== first) problems.push('Home does not go to the start');
  return problems;
}

// What can't be read is said, and nothing is lost.
async function badInput(page) {
  const problems = [];
  for (const [id, text, right] of [['call', 'frok', 'fork'], ['arg1', 'one', '1']]) {
    await page.locator('.stepper .steps button').last().click();
    const before = await said(page);
    const input = page.locator(`#stepper-${id}`);
    await input.fill(text);
    await input.blur();
    if (!await page.locator('.stepper .problem').textContent()) problems.push(`"${text}" is taken`);
    if (await input.inputValue() !== text) problems.push(`"${text}" is lost`);
    if (await said(page) !== before) problems.push(`after "${text}" the verdict is another`);
    await input.fill(right);
    await input.blur();
    if (await page.locator('.stepper .problem').textContent()) problems.push(`"${right}" is refused`);
  }
  return problems;
}

// Each of the book's links to a state leads there, and to the simulator's verdict.
async function links(page) {
  const problems = [];
  const all = await page.$$('a[data-state]');
  if (all.length === 0) problems.push('the book has no link to a state');
  for (const link of all) {
    const [program, architecture, abi, call, args] = (await link.getAttribute('data-state')).split('/');
    const { value } = inspect(['trace', '--format=json', `--abi=${abi}`, '-f', '-', call, ...args.split(',')], raw(architecture, program));
    await link.click();
    if (await page.locator('.stepper .problem').textContent()) problems.push(`${await link.getAttribute('href')}: unknown`);
    const said = await page.locator('.stepper .said').getAttribute('data-value');
    if (said !== String(value)) problems.push(`${await link.getAttribute('href')}: ${said} here, ${value} by the simulator`);
  }
  await page.goto(`${page.url().split('#')[0]}#stepper/step-9/none/x/y`);
  await page.reload();
  if (!await page.locator('.stepper .problem').textContent()) problems.push('a link to nothing is not noticed');
  return problems;
}

const browser = await launch();
for (const language of ['en', 'zh']) {
  const page = await open(browser, language);
  for (const name of readdirSync(`${tutorial}/data/filters`)) {
    const [, architecture, program] = /^([^-]*)-(.*)\.json$/.exec(name) ?? [];
    if (program) await check(`${language}: ${program} for ${architecture}, every call`, () => verdicts(page, program, architecture));
  }
  await check(`${language}: odd filters`, () => oddFilters(page));
  await check(`${language}: keyboard and address`, () => byKeyboard(page, language));
  await check(`${language}: bad input`, () => badInput(page));
  await check(`${language}: links to a state`, () => links(page));
}
await browser.close();
