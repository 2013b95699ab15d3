// node --test verify.test.js. With FOREROUTE_CAPTURE=FILE, also a request as it was captured: {secret, headers, body}.

"use strict";

const assert = require("node:assert");
const { readFileSync } = require("node:fs");
const { test } = require("node:test");
const { Follower, Refused, seconds, verify } = require("./verify.js");

const body = Buffer.from('{"a":1}');
const headers = {
  "foreroute-timestamp": "1795000000",
  "foreroute-signature": "v1=e026c4beb6a717bd41a9e76b03d06951ed214264b893e4e0fed759e46b243508",
};

test("only fresh requests with the right signature are believed", () => {
  assert.deepStrictEqual(verify("hunter2", headers, body, 1795000010), { a: 1 });
  for (const [secret, sent, bytes, now] of [
    ["hunter3", headers, body, 1795000010],
    ["hunter2", headers, Buffer.from('{"a":1} '), 1795000010],
    ["hunter2", headers, body, 1795000301],
    ["hunter2", { ...headers, "foreroute-timestamp": "1795000001" }, body, 1795000010],
    ["hunter2", {}, body, 1795000010],
  ]) {
    assert.throws(() => verify(secret, sent, bytes, now), Refused);
  }
});

test("older generations are ignored and leases end", () => {
  const follower = new Follower();
  const end = "2026-11-20T12:00:00Z";
  const now = seconds(end) - 60;
  const decision = { class: "chat", generation: 5, valid_until: end, weights: { eu: 0, us: 1 } };
  assert.strictEqual(follower.weights("chat", now), null);
  assert.ok(follower.hear(decision, now));
  assert.ok(follower.hear(decision, now), "the same again");
  assert.ok(!follower.hear({ ...decision, generation: 4, weights: {} }, now));
  assert.deepStrictEqual(follower.weights("chat", now), { eu: 0, us: 1 });
  assert.strictEqual(follower.weights("chat", now + 61), null, "back to one's own ways");
  assert.ok(!follower.hear({ ...decision, generation: 6 }, now + 61), "too late");
});

test("a real request is believed", { skip: !process.env.FOREROUTE_CAPTURE && "no captured request" }, () => {
  const captured = JSON.parse(readFileSync(process.env.FOREROUTE_CAPTURE, "utf8"));
  const bytes = Buffer.from(captured.body);
  const now = Number(captured.headers["foreroute-timestamp"]) + 1;
  const decision = verify(captured.secret, captured.headers, bytes, now);
  const follower = new Follower();
  assert.ok(follower.hear(decision, now));
  const sum = Object.values(follower.weights(decision.class, now)).reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(sum - 1) < 1e-9);
  assert.throws(() => verify(`${captured.secret}x`, captured.headers, bytes, now), Refused);
});
