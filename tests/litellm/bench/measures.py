"""Figures of a run, from when calls arrived at the backends and from what clients saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.load import Seen

#: From here on a call is slow, in seconds.
SLOW_S = 1.0
#: Span over which a share is taken, in seconds.
SPAN_S = 10.0
#: A channel at which no call arrived for so long is left: the busiest of three has three calls a second, and probes are
#: further apart.
LEFT_GAP_S = 2.5
#: From this part of the share that it had a channel is back.
BACK_PART = 0.8


@dataclass(frozen=True)
class Window:
    """When the fault began and ended, and when the load did, in Unix seconds."""

    began: float
    ended: float
    over: float


def share(arrivals: dict[str, list[float]], channel: str, start: float, end: float) -> float:
    """The part of the arrivals between two instants that were at ``channel``."""
    count = {name: sum(start <= at < end for at in times) for name, times in arrivals.items()}
    return count[channel] / max(1, sum(count.values()))


def seconds_to_leave(arrivals: Sequence[float], window: Window) -> float | None:
    """Seconds into the fault until the channel was left for the first time; none if it never was."""
    during = sorted(at for at in arrivals if window.began <= at < window.ended)
    times = [window.began, *during, window.ended]
    return next((round(at - window.began, 1) for at, after in zip(times, times[1:]) if after - at >= LEFT_GAP_S), None)


def seconds_to_return(arrivals: dict[str, list[float]], channel: str, usual: float, window: Window) -> float | None:
    """Seconds after the fault until the channel had its share: the end of the first ten seconds with four fifths of what it
    had before, less their length where it had it at once. None if it never did."""
    at = window.ended
    while at + SPAN_S <= window.over:
        if share(arrivals, channel, at, at + SPAN_S) >= BACK_PART * usual:
            return 0.0 if at == window.ended else round(at + SPAN_S - window.ended, 1)
        at += 0.5
    return None


def percentile(values: Sequence[float], part: float) -> float:
    """The value below which ``part`` of them are."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0


def figures(arrivals: dict[str, list[float]], seen: Sequence[Seen], channel: str, window: Window) -> dict[str, object]:
    """Everything that is told of a run."""
    usual = share(arrivals, channel, window.began - 30.0, window.began)
    faulty = [call for call in seen if window.began <= call.at < window.ended]
    after = [call for call in seen if window.ended <= call.at]
    before = [call for call in seen if window.began - 30.0 <= call.at < window.began]
    slow = [call for call in faulty if not call.failed and call.seconds >= SLOW_S]
    return {
        "channel": channel,
        "share_before": round(usual, 3),
        "calls": len(faulty),
        "arrivals": sum(window.began <= at < window.ended for at in arrivals[channel]),
        "failed": sum(call.failed for call in faulty),
        "retried": sum(call.retries > 0 for call in faulty),
        # What else the machine does can make calls slow that the fault did not touch.
        "slow": sum(call.served_by == channel for call in slow),
        "slow_elsewhere": sum(call.served_by != channel for call in slow),
        "p95_ms": round(1e3 * percentile([call.seconds for call in faulty], 0.95)),
        "p50_before_ms": round(1e3 * percentile([call.seconds for call in before], 0.5)),
        "left_s": seconds_to_leave(arrivals[channel], window),
        "back_s": seconds_to_return(arrivals, channel, usual, window),
        "failed_after": sum(call.failed for call in after),
        "slow_after": sum(not call.failed and call.seconds >= SLOW_S for call in after),
        "arrivals_at_s": [round(at - window.began, 1) for at in arrivals[channel] if window.began <= at < window.over],
        "failed_before": sum(call.failed for call in seen if call.at < window.began),
    }
