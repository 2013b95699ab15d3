"""A decision of Foreroute: a lease with a number and an end."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


class DecisionError(ValueError):
    """What came is no decision."""


@dataclass(frozen=True)
class Decision:
    """Which channel should carry which share of a route class, and until when that holds."""

    route_class: str
    generation: int
    #: Unix seconds.
    issued_at: float
    #: Unix seconds.
    valid_until: float
    #: Channel to share; 0 is none but probes.
    weights: Mapping[str, float]
    #: Channel without a share to the seconds between two calls that find out how it is.
    probes: Mapping[str, float]
    #: On the monotonic clock: a clock that is set does not lengthen a lease.
    expires: float

    def holds(self, now: float) -> bool:
        """Whether it still holds at ``now`` of the monotonic clock."""
        return now < self.expires

    def replaces(self, other: Decision | None, now: float) -> bool:
        """Whether it is newer than ``other``. Generations begin anew where Foreroute's store was lost; then the instant
        tells."""
        if other is None or not other.holds(now):
            return True
        return self.generation > other.generation or self.issued_at > other.issued_at


def parse(body: bytes | str) -> Decision:
    """Read the JSON of a decision."""
    try:
        told = json.loads(body)
    except ValueError as error:
        raise DecisionError(f"the decision is no JSON: {error}") from error
    if not isinstance(told, dict):
        raise DecisionError("the decision is no JSON object")
    try:
        weights, probes = _numbers(told["weights"]), _numbers(told.get("probes") or {})
        issued, valid = _instant(told["issued_at"]), _instant(told["valid_until"])
        route_class, generation = str(told["class"]), int(told["generation"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DecisionError(f"the decision lacks a field or has one that cannot be read: {error!r}") from error
    probes = {channel: every for channel, every in probes.items() if weights.get(channel, 0.0) == 0.0}
    expires = time.monotonic() + (valid - time.time())
    return Decision(route_class, generation, issued, valid, weights, probes, expires)


def _numbers(told: Mapping[str, object]) -> dict[str, float]:
    found = {str(name): float(value) for name, value in told.items()}  # type: ignore[arg-type]
    for name, value in found.items():
        if not math.isfinite(value) or value < 0:
            raise ValueError(f"{name} has {value}")
    return found


def _instant(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
