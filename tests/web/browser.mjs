// browser.mjs: opens the book's pages in Chromium as readers do, and prints "ok NAME" or "not ok NAME: REASON".
//
// node browser.mjs [FOLDER]: the folder of the pages, tutorial/build if none is given.

import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { accessibility, axe, check, launch } from './check.mjs';

const built = fileURLToPath(new URL('../../tutorial/build', import.meta.url));
const folder = resolve(process.argv[2] ?? built);
const other = { en: 'zh', zh: 'en' };

const file = (language) => `seccomp-workbook.${language}.html`;
const address = (language) => pathToFileURL(`${folder}/${file(language)}`).href;

async function open(browser, language, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(10000);
  const requests = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(address(language));
  return { page, requests, close: () => context.close() };
}

// A drawing's own contrasts: 4.5 for its words, 3 for its lines. They are on the page's colour, as no shape is filled.
async function drawings(page) {
  return page.$$eval('svg :is(text, path, polygon, polyline, ellipse)', (parts) => {
    const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
    const luminance = (colour) => channels(colour).slice(0, 3)
      .map((value) => (value <= 10 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4))
      .reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0);
    const page = luminance(getComputedStyle(document.body).backgroundColor);
    const contrast = (colour) => (Math.max(luminance(colour), page) + 0.05) / (Math.min(luminance(colour), page) + 0.05);
    const poor = (colour, least) => colour !== 'none' && channels(colour)[3] !== 0 && contrast(colour) < least;
    return parts.flatMap((part) => {
      const { fill, stroke } = getComputedStyle(part);
      const what = `in a drawing: ${part.outerHTML.slice(0, 80)}`;
      if (part.localName === 'text') return poor(fill, 4.5) ? [`${fill} ${what}`] : [];
      return poor(stroke, 3) ? [`${stroke} ${what}`] : [];
    });
  });
}

async function sideways(page) {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth > clientWidth ? [`the page is ${scrollWidth} wide in a window of ${clientWidth}`] : [];
  });
}

// A page's code blocks as they are without the page's own script: what the copy buttons are measured by.
async function blocksOf(page) {
  return page.$$eval('main pre', (blocks) => blocks.map((pre) => ({
    text: pre.textContent,
    kind: ['diff', 'transcript'].find((kind) => pre.classList.contains(kind)) ?? 'listing',
  })));
}

// What a reader wants from a block: of a run what was typed, of a listing the code, of a diff nothing.
function wanted({ text, kind }) {
  if (kind === 'listing') return [text];
  const typed = text.split('\n').filter((line) => line.startsWith('$ ')).map((line) => line.slice(2));
  return kind === 'transcript' && typed.length ? [typed.join('\n')] : [];
}

async function copies(page, blocks) {
  const expected = blocks.flatMap(wanted);
  const buttons = await page.$$('main button.copy');
  if (expected.length === 0) return ['there is nothing to copy'];
  if (buttons.length !== expected.length) return [`${buttons.length} buttons for ${expected.length} blocks`];
  const problems = [];
  for (const [i, button] of buttons.entries()) {
    await page.evaluate(() => navigator.clipboard.writeText('nothing'));
    await button.click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    if (copied !== expected[i]) {
      problems.push(`button ${i + 1} copies ${JSON.stringify(copied)}, not ${JSON.stringify(expected[i])}`);
    }
  }
  return problems;
}

// Each heading's link to the other language has to lead to the same id there.
async function languageLinks(page, language, idsThere) {
  const headings = await page.$$eval('main h1, main h2', (all) => all.map((heading) => ({
    id: heading.parentElement.id,
    links: [...heading.querySelectorAll('a[hreflang]')].map((link) => link.href),
  })));
  const problems = headings.length ? [] : ['there are no headings'];
  for (const { id, links } of headings) {
    const there = `${address(other[language])}#${id}`;
    if (links.join() !== there) problems.push(`#${id} is linked to "${links}"`);
    if (!idsThere.includes(id)) problems.push(`#${id} does not exist in ${file(other[language])}`);
  }
  return problems;
}

// A click on the last of these links has to bring that heading into view.
async function followed(page) {
  await page.locator('main h2 a[hreflang]').last().click();
  return page.evaluate(() => {
    const target = document.querySelector(':target');
    const { top } = target?.getBoundingClientRect() ?? { top: -1 };
    return top >= 0 && top < innerHeight ? [] : [`${location.hash} is not in view`];
  });
}

async function withoutScript(page) {
  return page.evaluate(() => {
    const problems = [];
    const shown = (element) => element?.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
    const parts = document.querySelectorAll('header, nav, nav a, main, main :is(h1, h2, h3, p, li, pre, table, svg)');
    if (!document.querySelector('nav a') || !document.querySelector('main p')) problems.push('no text or no contents');
    for (const part of parts) {
      if (!shown(part)) problems.push(`not visible: ${part.localName} ${part.textContent.slice(0, 40)}`);
    }
    for (const button of document.querySelectorAll('button, [role=button]')) {
      problems.push(`a button that can do nothing: "${button.textContent}"`);
    }
    return problems;
  });
}

async function readPlainly(browser, language) {
  const { page, close } = await open(browser, language, { javaScriptEnabled: false });
  await check(`${language}: readable without JavaScript`, () => withoutScript(page));
  const blocks = await blocksOf(page);
  const ids = await page.$$eval('[id]', (all) => all.map((element) => element.id));
  await close();
  return { blocks, ids };
}

async function use(browser, language, plain) {
  const permissions = ['clipboard-read', 'clipboard-write'];
  const { page, requests, close } = await open(browser, language, { permissions });
  await check(`${language}: copy buttons`, () => copies(page, plain[language].blocks));
  await check(`${language}: links to the same place`, () => languageLinks(page, language, plain[other[language]].ids));
  await check(`${language}: self-contained`, () => requests.filter((url) => url !== address(language)));
  await check(`${language}: a click leads to the same place`, () => followed(page));
  await close();
}

async function look(browser, language) {
  const { page, close } = await open(browser, language);
  await page.evaluate(axe.source);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await check(`${language}, ${colorScheme}: contrasts of the drawings`, () => drawings(page));
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 800 });
      await check(`${language}, ${colorScheme}, ${width} pixels wide: accessibility`, () => accessibility(page));
    }
  }
  await check(`${language}, 360 pixels wide: no scrolling sideways`, () => sideways(page));
  await close();
}

async function readAll(browser) {
  const languages = Object.keys(other);
  const plain = {};
  for (const language of languages) plain[language] = await readPlainly(browser, language);
  // One after the other: there is one clipboard.
  for (const language of languages) await use(browser, language, plain);
  await Promise.all(languages.map((language) => look(browser, language)));
}

const browser = await launch();
await readAll(browser);
await browser.close();
