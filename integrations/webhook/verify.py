"""Receives decisions of Foreroute: checks where a request comes from, and which decision holds.

Only the standard library is needed. In a web framework:

    follower = Follower()

    @app.post("/foreroute")
    def hook(request):
        decision = verify(SECRET, request.headers, request.body, time.time())
        follower.hear(decision, time.time())
        return 204

    weights = follower.weights("chat", time.time())   # None: route as you would without Foreroute
"""

import hashlib
import hmac
import json
from datetime import datetime

MAX_AGE_S = 300


class Refused(Exception):
    """The request is not to be believed; answer 401 and forget it."""


def verify(secret, headers, body, now, max_age_s=MAX_AGE_S):
    """The decision in `body` (bytes, exactly as they came), or `Refused`.

    `headers` is anything with `.get`, names in lower case.
    """
    stamp = headers.get("foreroute-timestamp") or ""
    given = headers.get("foreroute-signature") or ""
    if not (stamp.isascii() and stamp.isdigit()):
        raise Refused("no foreroute-timestamp")
    expected = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    # In constant time: how long a comparison takes must not tell how much of a forgery was right.
    if not hmac.compare_digest(f"v1={expected}".encode(), given.encode()):
        raise Refused("the signature is wrong")
    # After the signature, so that nobody learns anything from forged times. A recorded request is of no use later.
    if abs(now - int(stamp)) > max_age_s:
        raise Refused("the request is too old, or a clock is wrong")
    return json.loads(body)


def seconds(text):
    """Unix seconds of a time as Foreroute writes it."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Follower:
    """The decision of each route class that holds."""

    def __init__(self):
        self._held = {}

    def hear(self, decision, now):
        """Takes a decision; False if it is older than the one that is known."""
        known = self._held.get(decision["class"])
        # Requests may overtake each other and may come twice. A process that was started anew goes on with higher numbers.
        if known and decision["generation"] < known["generation"]:
            return False
        if seconds(decision["valid_until"]) <= now:
            return False
        self._held[decision["class"]] = decision
        return True

    def weights(self, route_class, now):
        """The share of calls of each channel, or None: nobody has said anything that still holds."""
        held = self._held.get(route_class)
        if held is None or seconds(held["valid_until"]) <= now:
            return None
        return held["weights"]
