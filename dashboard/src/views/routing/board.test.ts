import { expect, test } from "vitest";
import { type Candidate, worth } from "./board";

const candidate = (cost: number | null) => ({ cost_usd: cost, latency_ms: 100, slow: 0, failing: 0.1 }) as Candidate;

test("a mix is worth what its channels are, by their shares", () => {
  const channels: [string, Candidate][] = [
    ["east", candidate(1)],
    ["west", candidate(3)],
  ];
  expect(worth({ east: 0.75, west: 0.25 }, channels)).toEqual({
    cost_usd: 1.5,
    latency_ms: 100,
    slow: 0,
    failing: 0.1,
  });
});

test("what is not known of a channel is not known of a mix, unless the channel has no share", () => {
  const channels: [string, Candidate][] = [
    ["east", candidate(1)],
    ["west", candidate(null)],
  ];
  expect(worth({ east: 0.75, west: 0.25 }, channels).cost_usd).toBeNull();
  expect(worth({ east: 1, west: 0 }, channels).cost_usd).toBe(1);
  expect(worth({ gone: 1 }, channels).cost_usd).toBeNull();
});
