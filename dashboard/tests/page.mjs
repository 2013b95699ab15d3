// A page of the dashboard, watched: what it complains of, whether it is accessible, and how it looks.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { OUTPUT } from "./world.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** What belongs to WCAG 2.1 AA. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];

/** Opens the dashboard at `query`; `problems` collects what the console and the page complain of. */
export async function open({ browser, url }, query, look = {}) {
  const { theme = "g100", language = "en", width = 1440, height = 900 } = look;
  const context = await browser.newContext({ viewport: { width, height }, locale: "en-GB", timezoneId: "Asia/Seoul" });
  await context.addInitScript(
    ([theme, language]) => {
      localStorage.setItem("foreroute.theme", theme);
      localStorage.setItem("foreroute.language", language);
    },
    [theme, language],
  );
  const page = await context.newPage();
  const problems = [];
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(error.message));
  await page.goto(`${url}/${query}`);
  await settled(page);
  return { page, problems, close: () => context.close() };
}

/** Waits until no placeholder is left. */
export async function settled(page) {
  await page.waitForSelector("main .pane__head");
  await page.waitForFunction(
    () => document.querySelector("main .cds--skeleton, main .cds--skeleton__text") === null,
    null,
    {
      timeout: 30_000,
    },
  );
}

/** Serious faults that axe-core finds, each with its places. */
export async function faultsOf(page) {
  // As a string through the debugger: the page's own policy lets no foreign script in.
  await page.evaluate(AXE);
  const found = await page.evaluate(
    (rules) => window.axe.run(document, { runOnly: { type: "tag", values: rules }, resultTypes: ["violations"] }),
    RULES,
  );
  const grave = found.violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
}

/** Pixels by which the page is wider than the screen; zero where nothing sticks out. */
export function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Keeps a picture of the whole page. */
export function picture(page, name) {
  return page.screenshot({ path: join(OUTPUT, `${name}.png`), fullPage: true });
}
