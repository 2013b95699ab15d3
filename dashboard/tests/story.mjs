// A channel dies: what an operator sees of it, from the first sign to the recovery; and a change that needs a yes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, picture, settled } from "./page.mjs";
import { ask, breakChannel, until } from "./world.mjs";

const ILL = "harbor-mini";

export function story(world) {
  test("a change that waits is approved, with a name and a reason", async () => {
    const waiting = async () => (await ask(world(), "/v1/mode")).classes.find((one) => one.waiting)?.class;
    const name = await until("a change that waits for approval", 240, waiting);
    const { page, problems, close } = await open(world(), `?p=routing/${name}`);
    await page.getByRole("button", { name: "Approve" }).first().click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Reason").fill("as the plan says");
    await dialog.getByLabel("Your name").fill("kim");
    await picture(page, "approval");
    await dialog.getByRole("button", { name: "Approve" }).click();
    await dialog.waitFor({ state: "detached" });
    const decided = async () =>
      (await ask(world(), "/v1/decisions?from=-10m")).decisions.find((one) => one.class === name);
    assert.ok(await until("the decision that was approved", 30, decided));
    await picture(page, "approved");
    assert.deepEqual(problems, []);
    await close();
  });

  test("a channel that dies is seen as decision, risk and incident, and as well again", async () => {
    await until("calls on the channel", 180, async () => {
      const { weights } = await ask(world(), "/v1/routes/chat/decision");
      return (weights?.[ILL] ?? 0) > 0.05;
    });
    await breakChannel(world(), ILL, "down", 150);
    const { page, problems, close } = await open(
      world(),
      "?p=overview&p=routing/chat&p=incidents&p=channel/harbor-mini&span=1h",
      {
        width: 1920,
        height: 1200,
      },
    );
    const pane = (at) => page.locator(`[data-pane="${at}"]`);

    // The fast lane: no call more, within seconds, and the page says so without being asked again.
    await pane(1).getByText(`${ILL} is kept out`).first().waitFor({ timeout: 60_000 });
    await picture(page, "story-1-decision");
    // The minute lane: what the last minutes were like, and how likely the next are to be so.
    await until("a risk of the channel on screen", 240, async () => {
      const row = pane(0).locator(".heat__row", { hasText: ILL });
      return /([2-9]\d|100)%/.test((await row.textContent()) ?? "");
    });
    await picture(page, "story-2-risk");
    await pane(2)
      .getByRole("link", { name: /errors|Errors/ })
      .first()
      .waitFor({ timeout: 240_000 });
    await picture(page, "story-3-incident");

    const incident = await until("the incident in the interface", 240, async () => {
      const { incidents } = await ask(world(), `/v1/incidents?channel=${ILL}&from=-15m`);
      return incidents.find(({ kind }) => kind === "errors");
    });
    await page.goto(`${world().url}/?p=incidents/${incident.id}&full`);
    await settled(page);
    await picture(page, "story-4-incident-page");
    await until("the incident over", 900, async () => (await ask(world(), `/v1/incidents/${incident.id}`)).resolved);
    await page.getByText("Recovered").first().waitFor({ timeout: 90_000 });
    await picture(page, "story-5-recovered");

    // What was expected of the minutes that are over lies behind what came.
    assert.ok((await ask(world(), `/v1/channels/${ILL}/expected?from=-1h`)).series.length > 0);
    await page.goto(`${world().url}/?p=channel/${ILL}&span=1h`);
    await settled(page);
    await page
      .getByText(/^expected \d+ min/)
      .first()
      .waitFor();
    await picture(page, "story-6-expected");
    assert.deepEqual(problems, []);
    await close();
  });
}
