// The real binary with its demo world, and a real browser beside it.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Where pictures of what was seen are kept. */
export const OUTPUT = fileURLToPath(new URL("./output/", import.meta.url));
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
const QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync"];
const READY_MS = 120_000;

/** Starts `foreroute demo` with `args` and Chromium; `stop` ends both and leaves nothing. */
export async function start(args = ["--calm"]) {
  const binary = process.env.FOREROUTE_BINARY ?? join(root, "target/debug/foreroute");
  const browserPath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  for (const [what, path] of Object.entries({ FOREROUTE_BINARY: binary, CHROMIUM: browserPath })) {
    if (!existsSync(path)) throw new Error(`${path} is missing; set ${what}`);
  }
  mkdirSync(OUTPUT, { recursive: true });
  const data = mkdtempSync(join(tmpdir(), "foreroute-browser-"));
  const demo = spawn(binary, ["demo", "--port", "0", "--faults-port", "0", "--seed", "7", "--data", data, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { url, faults } = await addresses(demo);
  const browser = await chromium.launch({ executablePath: browserPath, args: [...FLAGS, ...QUIET] });
  const stop = async () => {
    await browser.close();
    const ended = new Promise((resolve) => demo.once("exit", resolve));
    demo.kill("SIGINT");
    await ended;
    rmSync(data, { recursive: true, force: true });
  };
  return { url, faults, browser, stop };
}

/** The addresses that the demo prints when it is ready. */
function addresses(demo) {
  let said = "";
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the demo is not ready:\n${said}`)), READY_MS);
    const hear = (bytes) => {
      said += bytes;
      const url = /demo on (http:\S+)/.exec(said)?.[1];
      const faults = /curl -s (http:\S+\/faults)/.exec(said)?.[1];
      if (url && faults) {
        clearTimeout(timer);
        resolve({ url, faults });
      }
    };
    demo.stdout.on("data", hear);
    demo.stderr.on("data", hear);
    demo.once("exit", (code) => reject(new Error(`the demo ended with ${code}:\n${said}`)));
  });
}

/** Breaks a channel of the simulated world. */
export async function breakChannel({ faults }, channel, kind, seconds) {
  const answer = await fetch(faults, { method: "POST", body: JSON.stringify({ channel, kind, for_s: seconds }) });
  if (!answer.ok) throw new Error(`${faults} answers ${answer.status}: ${await answer.text()}`);
}

/** An answer of the public interface. */
export async function ask({ url }, path) {
  const answer = await fetch(`${url}${path}`);
  if (!answer.ok) throw new Error(`${path} answers ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

/** Waits until `look` finds something; fails with `what` was awaited. */
export async function until(what, seconds, look) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`after ${seconds} s there is still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
