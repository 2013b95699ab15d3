"""What goes wrong, and what is expected of LiteLLM with Foreroute then."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Scenario:
    """A fault of the busiest channel."""

    name: str
    about: str
    #: What ``bench.backends`` is told.
    fault: dict[str, float]
    #: Seconds that it lasts.
    seconds: float
    #: Further settings of LiteLLM's router.
    router: dict[str, object] = field(default_factory=dict)
    #: Figure to what it may be at most: ``failed``, ``slow``, ``back_s``.
    marks: dict[str, float] = field(default_factory=dict)


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("slow", "answers after 1.5 s", {"slow_ms": 1500.0}, 60.0, marks={"slow": 20, "back_s": 120}),
        Scenario("hard", "every call gets a 500", {"share": 1.0, "status": 500}, 60.0, marks={"failed": 10}),
        Scenario("partial", "30 % of the calls get a 500", {"share": 0.3, "status": 500}, 40.0, marks={"failed": 15}),
        Scenario("throttled", "every call gets a 429", {"share": 1.0, "status": 429}, 40.0),
        Scenario("hang", "answers after 10 s, with a time limit of 2 s", {"hang_s": 10.0}, 40.0, router={"timeout": 2}),
    )
}
