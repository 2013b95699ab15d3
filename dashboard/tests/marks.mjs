// How fast the dashboard is on this machine: first paint, a day of twelve series, frames while brushing, many channels.
//
//   node tests/marks.mjs http://127.0.0.1:8686 CHANNEL
//
// Prints a table; a mark that is missed is named, and the exit code is 2.
import { chromium } from "playwright-core";

const [url = "http://127.0.0.1:8686", channel = "harbor-mini"] = process.argv.slice(2);
const REPEATS = 5;
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu"];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });

/** The middle one of some runs, each on a fresh profile. */
async function median(measure) {
  const found = [];
  for (let at = 0; at < REPEATS; at += 1) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 1200 } });
    found.push(await measure(await context.newPage()));
    await context.close();
  }
  return found.sort((one, other) => one - other)[Math.floor(REPEATS / 2)];
}

/** Milliseconds from the navigation until `selector` is there and the next frame is drawn, as the page itself has it. */
async function untilSeen(page, query, selector) {
  await page.addInitScript((selector) => {
    const look = () => {
      const told = (at) => {
        window.seen_ = at;
      };
      requestAnimationFrame(document.querySelector(selector)?.clientHeight ? told : look);
    };
    requestAnimationFrame(look);
  }, selector);
  await page.goto(`${url}/${query}`, { waitUntil: "commit" });
  await page.waitForFunction(() => window.seen_ !== undefined, undefined, { timeout: 30_000 });
  return page.evaluate(() => window.seen_);
}

const day = `?p=channel/${channel}&span=24h`;
const marks = [
  ["first useful paint, ms", 1000, () => median((page) => untilSeen(page, "?p=overview", ".figure__value"))],
  ["overview with every channel, ms", 1000, () => median((page) => untilSeen(page, "?p=overview", ".heat__past"))],
  ["24 hours of 12 series, from the click, ms", 500, () => median(dayOfSeries)],
  ["frames a second while brushing 24 h x 12 series", 60, () => median(brushing), "at least"],
];

/** From the choice of 24 hours until every chart shows them. */
async function dayOfSeries(page) {
  await untilSeen(page, `?p=channel/${channel}&span=1h`, ".chart canvas");
  await page.waitForTimeout(1500);
  return page.evaluate(async () => {
    const start = performance.now();
    const asked = () =>
      performance
        .getEntriesByType("resource")
        .some(({ name, startTime }) => startTime >= start && /samples.*1440m/.test(name));
    const select = document.querySelector("#span");
    Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, "value").set.call(select, "24h");
    select.dispatchEvent(new Event("change", { bubbles: true }));
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    while (!asked() || document.querySelector("main .cds--skeleton__text") || !document.querySelector(".chart canvas"))
      await frame();
    await frame();
    return performance.now() - start;
  });
}

/** Frames a second while the mouse draws a brush over a chart, back and forth. */
async function brushing(page) {
  await untilSeen(page, day, ".chart canvas");
  await page.waitForTimeout(1500);
  const box = await page.locator(".chart .u-over").first().boundingBox();
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + 20, y);
  await page.mouse.down();
  await page.evaluate(() => {
    window.frames_ = [];
    const count = (at) => {
      window.frames_.push(at);
      requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
  });
  for (let step = 0; step < 240; step += 1) {
    await page.mouse.move(box.x + 20 + ((step * 7) % (box.width - 40)), y);
  }
  return page.evaluate(() => {
    const all = window.frames_;
    return ((all.length - 1) * 1000) / (all.at(-1) - all[0]);
  });
}

let missed = 0;
for (const [what, mark, measure, sense = "at most"] of marks) {
  const found = await measure();
  // A screen of 60 Hz shows 59.9 of them.
  const kept = sense === "at most" ? found <= mark : found >= mark - 0.5;
  missed += kept ? 0 : 1;
  console.log(`${what.padEnd(52)} ${found.toFixed(1).padStart(8)}   ${sense} ${mark}   ${kept ? "kept" : "MISSED"}`);
}
await browser.close();
process.exit(missed > 0 ? 2 : 0);
