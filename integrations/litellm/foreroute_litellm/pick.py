"""Which deployments a request may choose from. Everything here happens within a request and takes microseconds."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from foreroute_litellm.decision import Decision

Deployment = dict[str, Any]


def deployment_id(deployment: Mapping[str, Any]) -> str | None:
    """The id that LiteLLM gives a deployment."""
    found = (deployment.get("model_info") or {}).get("id")
    return None if found is None else str(found)


class Names:
    """From deployments to channels.

    In this order: the mapping by id, ``model_info.foreroute_channel``, the mapping by ``litellm_params.model``, the id
    itself, and the model where there is no id.
    """

    def __init__(self, mapping: Mapping[str, str]) -> None:
        self._mapping = mapping

    def channel(self, info: Mapping[str, Any] | None, model: str | None) -> str | None:
        """The channel of the deployment with this ``model_info`` and ``litellm_params.model``."""
        info = info or {}
        known = info.get("id")
        if known is not None and (mapped := self._mapping.get(str(known))):
            return mapped
        if own := info.get("foreroute_channel"):
            return str(own)
        if model is not None and (mapped := self._mapping.get(model)):
            return mapped
        return str(known) if known is not None else model

    def of(self, deployment: Mapping[str, Any]) -> str | None:
        """The channel of ``deployment``."""
        return self.channel(deployment.get("model_info"), (deployment.get("litellm_params") or {}).get("model"))


class Probes:
    """Lets single calls through to channels that carry nothing, every so many seconds."""

    def __init__(self, workers: int = 1) -> None:
        self._workers = workers
        self._last: dict[str, dict[str, float]] = {}
        self._lock = threading.Lock()

    def list(self, route_class: str, channels: Iterable[str], now: float) -> None:
        """From now on ``channels`` are probed. One that was not before begins with a whole interval."""
        with self._lock:
            earlier = self._last.get(route_class, {})
            self._last[route_class] = {channel: earlier.get(channel, now) for channel in channels}

    def claim(self, route_class: str, channel: str, every: float, now: float) -> bool:
        """Whether this request is to try ``channel``."""
        with self._lock:
            last = self._last.get(route_class, {})
            if now - last.get(channel, now) < every * self._workers:
                return False
            last[channel] = now
            return True


class Board:
    """The newest decision of each route class. Followers write it, requests read it."""

    def __init__(self, probes: Probes | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._newest: dict[str, Decision] = {}
        self._lock = threading.Lock()
        self._clock = clock
        self.probes = probes or Probes()

    def put(self, route_class: str, decision: Decision) -> bool:
        """Keep ``decision`` if it is newer than what is there."""
        now = self._clock()
        with self._lock:
            newer = decision.replaces(self._newest.get(route_class), now)
            if newer:
                self.probes.list(route_class, decision.probes, now)
                self._newest[route_class] = decision
            return newer

    def holding(self, route_class: str, now: float) -> Decision | None:
        """The decision that holds at ``now``; none if there is no opinion."""
        decision = self._newest.get(route_class)
        return decision if decision is not None and decision.holds(now) else None


class Picker:
    """Narrows the deployments of a request to what the decision wants."""

    def __init__(
        self,
        board: Board,
        names: Names,
        draw: bool = False,
        mirror: bool = True,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._board, self._names = board, names
        self._draw, self._mirror, self._clock, self._chance = draw, mirror, clock, chance

    def pick(
        self,
        route_class: str,
        deployments: Sequence[Deployment],
        failed: frozenset[str] = frozenset(),
        can_mirror: bool = False,
    ) -> Sequence[Deployment]:
        """The deployments to choose from: never none.

        ``failed`` has the ids of those that this very request has tried already; they come last. Without a decision that
        holds, the deployments are returned untouched. A probe that is due is a copy of this request if LiteLLM ``can_mirror``
        it, and this request itself if not.
        """
        now = self._clock()
        decision = self._board.holding(route_class, now)
        if decision is None or len(deployments) < 2:
            return deployments
        channels = [self._names.of(deployment) for deployment in deployments]
        shares = _shares(decision, deployments, channels)
        if failed:
            fresh = [0.0 if deployment_id(d) in failed else share for d, share in zip(deployments, shares)]
            shares = fresh if any(fresh) else shares
        kept = [(deployment, share) for deployment, share in zip(deployments, shares) if share > 0.0]
        if not kept:
            return deployments
        more: dict[str, Any] = {}
        probe = None if failed else self._probe(route_class, decision, deployments, channels, now)
        if probe is not None:
            probed = deployment_id(probe)
            if not (self._mirror and can_mirror and probed):
                return [probe]
            more["silent_model"] = probed
        if self._draw:
            kept = [(self._drawn(kept), 1.0)]
        return [
            {**deployment, "litellm_params": {**deployment["litellm_params"], "weight": share, **more}}
            for deployment, share in kept
        ]

    def _probe(
        self,
        route_class: str,
        decision: Decision,
        deployments: Sequence[Deployment],
        channels: Sequence[str | None],
        now: float,
    ) -> Deployment | None:
        for channel, every in decision.probes.items():
            if channel in channels and self._board.probes.claim(route_class, channel, every, now):
                return deployments[channels.index(channel)]
        return None

    def _drawn(self, kept: Sequence[tuple[Deployment, float]]) -> Deployment:
        left = self._chance() * sum(share for _, share in kept)
        for deployment, share in kept:
            left -= share
            if left < 0.0:
                return deployment
        return kept[-1][0]


def _shares(
    decision: Decision, deployments: Sequence[Deployment], channels: Sequence[str | None]
) -> list[float]:
    """The share of each deployment. Deployments of one channel have its share in equal parts; those of which the decision
    says nothing keep the share that their own weights give them, and the others divide the rest."""
    weights = decision.weights
    if all(channel in weights for channel in channels) and len(set(channels)) == len(channels):
        return [weights[channel] for channel in channels]  # type: ignore[index]
    own = [float((d.get("litellm_params") or {}).get("weight") or 0.0) for d in deployments]
    if not any(own):
        own = [1.0] * len(own)
    unknown = sum(weight for weight, channel in zip(own, channels) if channel not in weights) / sum(own)
    known = sum(weights[channel] for channel in set(channels) if channel in weights)  # type: ignore[index]
    return [
        (1.0 - unknown) * weights[channel] / known / channels.count(channel)  # type: ignore[index]
        if channel in weights and known > 0.0
        else (0.0 if channel in weights else weight / sum(own))
        for weight, channel in zip(own, channels)
    ]
