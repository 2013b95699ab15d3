// Everything without a mouse.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, settled } from "./page.mjs";

export function keyboard(world) {
  test("a walk by keyboard alone", async () => {
    const { page, problems, close } = await open(world(), "?p=overview");
    const query = () => page.evaluate(() => location.search);
    const press = async (...keys) => {
      for (const key of keys) await page.keyboard.press(key);
    };

    await press("Tab");
    assert.equal(
      await page.evaluate(() => document.activeElement?.getAttribute("href")),
      "#content",
      "first the way past the head",
    );
    await press("Enter");

    for (const [letter, view] of Object.entries({
      c: "channel",
      r: "routing",
      i: "incidents",
      m: "cost",
      h: "healing",
      w: "work",
      p: "reports",
      o: "overview",
    })) {
      await press("g", letter);
      await page.waitForFunction((view) => location.search.startsWith(`?p=${view}`), view);
    }
    await press("4");
    assert.equal(await page.locator(".pane").count(), 4);
    await press("]");
    assert.match(await query(), /focus=1/);
    await press("f");
    assert.equal(await page.locator(".pane").count(), 1, "the pane in focus has the screen");
    await press("f", "1");
    assert.equal(await page.locator(".pane").count(), 1);

    await press("l");
    assert.equal(await page.evaluate(() => document.documentElement.lang), "ko");
    await press("l", "t");
    assert.ok(await page.evaluate(() => document.body.classList.contains("cds--white")));
    await press("t", "?");
    await page.waitForSelector("[role=dialog] kbd");
    await page.waitForFunction(() => document.activeElement?.closest("[role=dialog]"));
    await press("Escape");
    await page.waitForSelector("[role=dialog] kbd", { state: "detached" });

    // Everything that takes the focus shows it, and tabbing gets out again.
    const seen = new Set();
    for (let at = 0; at < 60; at += 1) {
      await press("Tab");
      seen.add(
        await page.evaluate(
          () => document.activeElement?.textContent?.trim() || document.activeElement?.getAttribute("aria-label"),
        ),
      );
    }
    for (const name of ["harbor-mini", "chat"])
      assert.ok(seen.has(name), `${name} can be reached: ${[...seen].join(" | ")}`);

    await page.goto(`${world().url}/?p=channel/harbor-mini&span=1h`);
    await settled(page);
    await page.locator(".chart__frame").first().focus();
    await press("ArrowLeft", "ArrowLeft", "ArrowLeft");
    for (let at = 0; at < 20; at += 1) await press("Shift+ArrowLeft");
    await press("Enter");
    await page.waitForFunction(() => decodeURIComponent(location.search).includes("~"));
    assert.deepEqual(problems, []);
    await close();
  });
}
