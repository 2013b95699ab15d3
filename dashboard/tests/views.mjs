// Every view in both languages, both themes and at the width of a phone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { faultsOf, open, overflow, picture } from "./page.mjs";

const VIEWS = [
  "overview",
  "channel",
  "channel/harbor-mini",
  "routing",
  "routing/batch",
  "incidents",
  "cost",
  "healing",
  "work",
  "reports",
];
const LOOKS = {
  dark: { theme: "g100", language: "en" },
  "light-korean": { theme: "white", language: "ko" },
  phone: { theme: "g100", language: "ko", width: 390, height: 844 },
};

export function views(world) {
  for (const [name, look] of Object.entries(LOOKS)) {
    for (const view of VIEWS) {
      test(`${view}, ${name}`, async () => {
        const { page, problems, close } = await open(world(), `?p=${view}`, look);
        await picture(page, `${view.replace("/", "-")}-${name}`);
        assert.deepEqual(problems, [], "no complaint in the console");
        assert.ok((await overflow(page)) <= 0, "nothing sticks out at the side");
        assert.deepEqual(await faultsOf(page), [], "axe-core finds no serious fault");
        await close();
      });
    }
  }

  test("four panes share the screen", async () => {
    const query = "?p=overview&p=channel/harbor-mini&p=routing&p=incidents";
    const { page, problems, close } = await open(world(), query, { width: 1920, height: 1080 });
    assert.equal(await page.locator(".pane").count(), 4);
    await picture(page, "four-panes");
    assert.deepEqual(problems, []);
    assert.ok((await overflow(page)) <= 0);
    await close();
  });
}
