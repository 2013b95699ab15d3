// The dashboard in a real browser over the real binary. Takes `FOREROUTE_BINARY` (target/debug/foreroute if absent) and
// `CHROMIUM` (/usr/bin/chromium if absent); pictures of all that was seen are in tests/output/.
import { after, before, describe } from "node:test";
import { keyboard } from "./keyboard.mjs";
import { story } from "./story.mjs";
import { views } from "./views.mjs";
import { start } from "./world.mjs";

describe("the dashboard", { concurrency: 1, timeout: 30 * 60_000 }, () => {
  let running;
  before(async () => {
    running = await start();
  });
  after(() => running?.stop());
  const world = () => running;
  views(world);
  keyboard(world);
  story(world);
});
