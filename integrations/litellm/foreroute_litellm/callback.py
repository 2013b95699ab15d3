"""The plugin as LiteLLM wants it: a ``CustomLogger`` that narrows deployments and hears of every attempt.

# Which hook hears what (LiteLLM 1.106.2)

- ``async_log_failure_event`` is kept to one call per request (``has_logged_async_failure`` of the logging object, which all
  attempts of a request share): attempts that a retry saves are not heard of. ``async_post_call_failure_deployment_hook``
  is called for each attempt.
- ``async_log_success_event`` is queued and comes when the queue is worked off; ``async_post_call_success_deployment_hook``
  is called at once, but not for streams. So answers are told by the latter and streams by the former, at their end.
- A stream that breaks after it began is only told by ``async_log_failure_event``.
- ``start_time`` is that of the request where the proxy made the logging object; ``api_call_start_time`` is noted anew at
  each attempt.
- Answers from a cache are told by none of those used here, or are left out: no channel was asked.
"""

from __future__ import annotations

import atexit
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from litellm.integrations.custom_logger import CustomLogger

from foreroute_litellm import attempt
from foreroute_litellm.follow import FileFollower, Follower, Followers, HttpFollower
from foreroute_litellm.client import Client
from foreroute_litellm.pick import Board, Names, Picker, Probes
from foreroute_litellm.report import Reporter
from foreroute_litellm.settings import Settings

LOG = logging.getLogger("foreroute_litellm")

#: Requests whose last failure is remembered, so that it is told once.
REMEMBERED = 4_096


class ForerouteCallback(CustomLogger):
    """Routes as Foreroute decides and tells it how every attempt went. Whatever goes wrong here, requests go on."""

    def __init__(self, settings: Settings, start: bool = True) -> None:
        super().__init__()
        self._settings = settings
        self._names = Names(settings.channels)
        self.board = Board(Probes(settings.workers))
        self._picker = Picker(self.board, self._names, settings.draw, settings.mirror)
        self._followers = Followers(self._follower)
        self._failed: OrderedDict[str, float | None] = OrderedDict()
        self._complained: set[str] = set()
        self.reporter: Reporter | None = None
        if settings.report and settings.url is not None:
            client = Client(settings.url, settings.token, "reporting calls")
            self.reporter = Reporter(client, settings.report_every, settings.queue)
        if start:
            self.start()

    @classmethod
    def from_environment(cls) -> ForerouteCallback:
        """The callback that the ``FOREROUTE_*`` variables describe."""
        return cls(Settings.from_environment())

    def start(self) -> None:
        """Begin to follow the classes that are known already, and to report."""
        for route_class in set(self._settings.routes.values()):
            self._followers.ensure(route_class)
        if self.reporter is not None:
            self.reporter.start()
            atexit.register(self.reporter.stop)

    def stop(self) -> None:
        """End all threads."""
        self._followers.stop()
        if self.reporter is not None:
            self.reporter.stop()

    def _follower(self, route_class: str) -> Follower:
        if self._settings.directory is not None:
            return FileFollower(route_class, self.board.put, self._settings.directory)
        assert self._settings.url is not None
        client = Client(self._settings.url, self._settings.token, f"following decisions of `{route_class}`")
        return HttpFollower(route_class, self.board.put, client)

    def _class_of(self, model_group: str) -> str | None:
        routes = self._settings.routes
        return routes.get(model_group) if routes else model_group

    # Choosing.

    async def async_filter_deployments(
        self,
        model: str,
        healthy_deployments: list,
        messages: list | None,
        request_kwargs: dict | None = None,
        parent_otel_span: Any = None,
    ) -> list[dict]:
        """Narrow what LiteLLM may choose from; called for each attempt."""
        try:
            route_class = self._class_of(model)
            if route_class is None:
                return healthy_deployments
            self._followers.ensure(route_class)
            failed, can_mirror = attempt.tried_before(request_kwargs), attempt.can_mirror(request_kwargs)
            return self._picker.pick(route_class, healthy_deployments, failed, can_mirror)  # type: ignore[return-value]
        except Exception as error:
            self._complain("choosing", error)
            return healthy_deployments

    # Reporting.

    async def async_post_call_success_deployment_hook(self, request_data: dict, response: Any, call_type: Any) -> None:
        """An answer that is no stream has arrived."""
        self._tell(request_data, lambda now: self._answered(request_data, response, now))

    async def async_post_call_failure_deployment_hook(
        self, request_data: Mapping[str, object], exception: Exception, call_type: Any, fallback_depth: int | None = None
    ) -> None:
        """An attempt failed, whether or not another one will save the request."""
        self._tell(request_data, lambda now: self._failed_attempt(request_data, exception, now))

    async def async_log_success_event(self, kwargs: dict, response_obj: Any, start_time: Any, end_time: Any) -> None:
        """A request is over; only streams are told here."""
        if kwargs.get("stream") is True and not kwargs.get("cache_hit"):
            self._tell(_params(kwargs), lambda now: self._streamed(kwargs, response_obj, end_time, now))

    async def async_log_failure_event(self, kwargs: dict, response_obj: Any, start_time: Any, end_time: Any) -> None:
        """A request failed; only streams that broke after they began are told here."""
        if kwargs.get("stream") is True:
            self._tell(_params(kwargs), lambda now: self._broke(kwargs, now))

    def _tell(self, params: Mapping[str, Any], describe: Callable[[float], dict[str, Any] | None]) -> None:
        """Report what ``describe`` makes of an attempt with ``params``. A copy is evidence, but no traffic."""
        if self.reporter is None:
            return
        try:
            record = describe(time.time())
            if record is not None:
                self.reporter.add({**record, "probe": True} if attempt.is_mirrored(params) else record)
        except Exception as error:
            self._complain("reporting", error)

    def _answered(self, data: Mapping[str, Any], response: Any, now: float) -> dict[str, Any] | None:
        channel, details = attempt.identity(self._names, data), _details(data)
        start = attempt.began(details)
        return attempt.success(channel, start, now, response) if channel and start else None

    def _failed_attempt(self, data: Mapping[str, Any], error: Exception, now: float) -> dict[str, Any] | None:
        channel, details = attempt.identity(self._names, data), _details(data)
        start = attempt.began(details)
        # An attempt that never reached its provider is no news of the channel.
        if not channel or not start or not self._first_told(details, start):
            return None
        return attempt.failure(channel, start, now, error)

    def _streamed(self, details: Mapping[str, Any], response: Any, end: Any, now: float) -> dict[str, Any] | None:
        channel, start = attempt.identity(self._names, _params(details)), attempt.began(details)
        if not channel or not start:
            return None
        first = details.get("completion_start_time")
        first_token = first.timestamp() if isinstance(first, datetime) else None
        end_at = end.timestamp() if isinstance(end, datetime) else now
        return attempt.success(channel, start, max(start, end_at), response, first_token)

    def _broke(self, details: Mapping[str, Any], now: float) -> dict[str, Any] | None:
        channel, start = attempt.identity(self._names, _params(details)), attempt.began(details)
        error = details.get("exception")
        if not channel or not start or not isinstance(error, BaseException) or not self._first_told(details, start):
            return None
        return attempt.failure(channel, start, now, error)

    def _first_told(self, details: Mapping[str, Any], start: float) -> bool:
        """Whether the failure of the attempt that began at ``start`` was not told yet."""
        call = str(details.get("litellm_call_id"))
        if call in self._failed and self._failed[call] == start:
            return False
        self._failed[call] = start
        self._failed.move_to_end(call)
        while len(self._failed) > REMEMBERED:
            self._failed.popitem(last=False)
        return True

    def _complain(self, what: str, error: Exception) -> None:
        """Log the first trouble of a kind; a request must not pay for each."""
        kind = f"{what}: {type(error).__name__}"
        if kind not in self._complained and len(self._complained) < 100:
            self._complained.add(kind)
            LOG.warning("foreroute: %s failed, requests go on without; told once", what, exc_info=error)


def _details(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """What LiteLLM's logging object knows of the request."""
    return getattr(data.get("litellm_logging_obj"), "model_call_details", None) or {}


def _params(details: Mapping[str, Any]) -> Mapping[str, Any]:
    """What LiteLLM's logging object says the deployment was called with."""
    return details.get("litellm_params") or {}
