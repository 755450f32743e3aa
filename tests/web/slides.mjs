// slides.mjs: goes through the slides in Chromium as a teacher does, without a network, and prints "ok NAME" or
// "not ok NAME: REASON".
//
// node slides.mjs [FOLDER]: the folder of the slides, tutorial/build if none is given.

import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { accessibility, axe, check, launch } from './check.mjs';

const built = fileURLToPath(new URL('../../tutorial/build', import.meta.url));
const folder = resolve(process.argv[2] ?? built);
const address = (language) => pathToFileURL(`${folder}/seccomp-slides.${language}.html`).href;

async function open(browser, language, viewport) {
  const context = await browser.newContext({ viewport, offline: true });
  context.setDefaultTimeout(20000);
  const requests = [];
  context.on('request', (request) => requests.push(request.url()));
  const page = await context.newPage();
  await page.goto(address(language));
  await page.waitForFunction(() => Reveal.isReady());
  return { page, context, requests };
}

// What does not fit into the slide that is shown, and what is too small to be read from the last row: below 16
// points where the slide is 1280 pixels wide, 12 in a drawing.
function unfit(page) {
  return page.evaluate(() => {
    const slide = Reveal.getCurrentSlide();
    const box = slide.getBoundingClientRect();
    const scale = innerWidth / 1280;
    const padding = 3 * 16 * scale;
    const problems = [];
    if (box.left < -1 || box.top < -1 || box.right > innerWidth + 1 || box.bottom > innerHeight + 1) {
      problems.push(`the slide is ${box.width} by ${box.height} in a window of ${innerWidth} by ${innerHeight}`);
    }
    for (const part of slide.querySelectorAll(':not(aside.notes, aside.notes *)')) {
      const { left, top, right, bottom } = part.getBoundingClientRect();
      const what = `${part.localName} "${part.textContent.trim().slice(0, 30)}"`;
      if (left < box.left || top < box.top || right > box.right - padding + 1 || bottom > box.bottom - padding / 2 + 1) {
        problems.push(`${what} ends at ${Math.round(right / scale)} ${Math.round(bottom / scale)}`);
      }
      if (!part.ownerSVGElement && part.scrollWidth > part.clientWidth + 1 && part.clientWidth) problems.push(`${what} is cut off`);
      if (![...part.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
      const drawn = part.ownerSVGElement ? part.getScreenCTM().a / scale : 1;
      const size = parseFloat(getComputedStyle(part).fontSize) * drawn;
      if (size < (part.ownerSVGElement ? 16 : 64 / 3)) problems.push(`${what} is ${size} pixels high`);
    }
    return problems.map((problem) => `${slide.id}: ${problem}`);
  });
}

// The numbers of the slides that are to be seen.
function shown(page) {
  return page.$$eval('.slides > section', (slides) => slides.flatMap((slide, i) => (slide.checkVisibility({ visibilityProperty: true, opacityProperty: true }) ? [i] : [])));
}

// Shows slide after slide by the right arrow; look returns a list of problems of the one that is shown.
async function walk(page, look) {
  const problems = [];
  const ids = await page.$$eval('.slides > section', (slides) => slides.map((slide) => slide.id));
  for (const [i, id] of ids.entries()) {
    if (i > 0) await page.keyboard.press('ArrowRight');
    await page.waitForFunction((wanted) => Reveal.getCurrentSlide().id === wanted, id);
    problems.push(...await look(page));
  }
  return problems;
}

async function keys(page) {
  const last = await page.evaluate(() => Reveal.getTotalSlides()) - 1;
  const problems = [];
  for (const [key, wanted] of [['Home', 0], ['ArrowRight', 1], ['Space', 2], ['PageDown', 3], ['ArrowLeft', 2], ['PageUp', 1],
    ['End', last], ['ArrowRight', last]]) {
    await page.keyboard.press(key);
    const now = await shown(page);
    if (now.join() !== `${wanted}`) problems.push(`${key} leads to slide ${now}, not ${wanted}`);
  }
  // reveal.js writes addresses once in a while.
  await page.waitForFunction(() => location.hash === `#/${Reveal.getCurrentSlide().id}`);
  await page.reload();
  await page.waitForFunction(() => Reveal.isReady());
  const again = await shown(page);
  return again.join() === `${last}` ? problems : [...problems, `a reload leads from slide ${last} to ${again}`];
}

// S opens a window with the notes of the slide that is shown, and follows.
async function speaker(page) {
  const problems = [];
  await page.keyboard.press('Home');
  const [popup] = await Promise.all([page.waitForEvent('popup'), page.keyboard.press('s')]);
  await popup.waitForLoadState();
  const wanted = await page.$$eval('.slides > section', (slides) => slides.map((slide) => slide.querySelector('aside.notes')?.textContent));
  const squeeze = (text) => text.replace(/\s+/g, '');
  for (let i = 1; i < wanted.length; i += 1) {
    await page.keyboard.press('ArrowRight');
    try {
      await popup.waitForFunction((notes) => document.querySelector('.speaker-controls-notes .value').textContent.replace(/\s+/g, '') === notes,
        squeeze(wanted[i] ?? ''), { timeout: 10000 });
    } catch {
      const said = await popup.locator('.speaker-controls-notes .value').textContent();
      problems.push(`slide ${i}: ${said.slice(0, 80)}`);
    }
  }
  // The window turns the pages too.
  await popup.bringToFront();
  await popup.keyboard.press('ArrowLeft');
  await page.waitForFunction((wanted) => Reveal.getIndices().h === wanted, wanted.length - 2);
  await popup.close();
  return problems;
}

async function show(browser, language) {
  for (const [width, height] of [[1280, 720], [1920, 1080]]) {
    const { page, context, requests } = await open(browser, language, { width, height });
    await check(`${language}, ${width} by ${height}: everything fits`, () => walk(page, unfit));
    if (width === 1280) {
      await check(`${language}: keys`, () => keys(page));
      await check(`${language}: the speaker's window`, () => speaker(page));
      const own = [address(language), 'about:blank', 'about:srcdoc'];
      await check(`${language}: no request leaves the file`, () => requests.filter((url) => !own.includes(url.split(/[?#]/)[0])));
      await page.keyboard.press('Home');
      await page.evaluate(axe.source);
      await check(`${language}: accessibility`, () => walk(page, accessibility));
    }
    await context.close();
  }
}

const browser = await launch();
await Promise.all(['en', 'zh'].map((language) => show(browser, language)));
await browser.close();
