// Receives decisions of Foreroute: checks where a request comes from, and which decision holds.
// Only Node's standard library is needed. In a server:
//
//   const follower = new Follower();
//   const decision = verify(SECRET, request.headers, rawBody, Date.now() / 1000);   // throws Refused: answer 401
//   follower.hear(decision, Date.now() / 1000);
//   const weights = follower.weights("chat", Date.now() / 1000);   // null: route as you would without Foreroute

"use strict";

const { createHmac, timingSafeEqual } = require("node:crypto");

const MAX_AGE_S = 300;

/** The request is not to be believed; answer 401 and forget it. */
class Refused extends Error {}

/** The decision in `body` (a Buffer, exactly as it came); throws `Refused`. Names of `headers` are in lower case. */
function verify(secret, headers, body, now, maxAgeS = MAX_AGE_S) {
  const stamp = headers["foreroute-timestamp"] ?? "";
  const given = Buffer.from(headers["foreroute-signature"] ?? "");
  if (!/^[0-9]+$/.test(stamp)) throw new Refused("no foreroute-timestamp");
  const mac = createHmac("sha256", secret).update(`${stamp}.`).update(body).digest("hex");
  const expected = Buffer.from(`v1=${mac}`);
  // In constant time: how long a comparison takes must not tell how much of a forgery was right.
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new Refused("the signature is wrong");
  }
  // After the signature, so that nobody learns anything from forged times. A recorded request is of no use later.
  if (Math.abs(now - Number(stamp)) > maxAgeS) throw new Refused("the request is too old, or a clock is wrong");
  return JSON.parse(body.toString("utf8"));
}

/** Unix seconds of a time as Foreroute writes it. */
const seconds = (text) => Date.parse(text) / 1000;

/** The decision of each route class that holds. */
class Follower {
  #held = new Map();

  /** Takes a decision; false if it is older than the one that is known. */
  hear(decision, now) {
    const known = this.#held.get(decision.class);
    // Requests may overtake each other and may come twice. A process that was started anew goes on with higher numbers.
    if (known && decision.generation < known.generation) return false;
    if (seconds(decision.valid_until) <= now) return false;
    this.#held.set(decision.class, decision);
    return true;
  }

  /** The share of calls of each channel, or null: nobody has said anything that still holds. */
  weights(routeClass, now) {
    const held = this.#held.get(routeClass);
    return held && seconds(held.valid_until) > now ? held.weights : null;
  }
}

module.exports = { Follower, Refused, seconds, verify };
