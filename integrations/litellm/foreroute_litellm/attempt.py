"""One attempt at one deployment, as the record of a call. Only names, counts and times: nothing of what was said."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from foreroute_litellm.pick import Names


def identity(names: Names, params: Mapping[str, Any]) -> str | None:
    """The channel that ``params``, what the deployment was called with, speaks of; none if no router chose it."""
    metadata = params.get("metadata") or {}
    if "model_info" not in metadata:
        metadata = params.get("litellm_metadata") or metadata
    info = params.get("model_info") or metadata.get("model_info")
    if not info:
        return None
    return names.channel(info, metadata.get("deployment"))


def is_mirrored(params: Mapping[str, Any]) -> bool:
    """Whether it was a copy of a request, whose answer nobody waits for."""
    metadata = params.get("metadata") or params.get("litellm_metadata") or {}
    return metadata.get("is_silent_experiment") is True


def can_mirror(request: Mapping[str, Any] | None) -> bool:
    """Whether LiteLLM can send a copy of ``request`` elsewhere: it can of chat completions, and copies are not copied."""
    request = request or {}
    call_type = getattr(request.get("litellm_logging_obj"), "call_type", None)
    return call_type in ("acompletion", "completion") and not is_mirrored(request)


def tried_before(request: Mapping[str, Any] | None) -> frozenset[str]:
    """The ids of the deployments at which this very request has failed already, as LiteLLM's retries note them."""
    for name in ("metadata", "litellm_metadata"):
        earlier = ((request or {}).get(name) or {}).get("previous_models")
        if isinstance(earlier, (list, tuple)):
            found = (record.get("deployment_id") for record in earlier if isinstance(record, Mapping))
            return frozenset(str(one) for one in found if one is not None)
    return frozenset()


def began(details: Mapping[str, Any]) -> float | None:
    """When the attempt was handed to its provider, in Unix seconds. LiteLLM notes it anew at each attempt."""
    at = details.get("api_call_start_time")
    return at.timestamp() if isinstance(at, datetime) else None


def success(
    channel: str, start: float, end: float, response: Any, first_token: float | None = None
) -> dict[str, Any]:
    """The record of an attempt that was answered."""
    record = _record(channel, start, end)
    record["status"] = 200
    if first_token is not None and start <= first_token <= end:
        record["ttft_ms"] = round(1e3 * (first_token - start), 3)
    usage = _get(response, "usage")
    _put(record, "tokens_prompt", _get(usage, "prompt_tokens"))
    _put(record, "tokens_completion", _get(usage, "completion_tokens"))
    _put(record, "tokens_cached", _get(_get(usage, "prompt_tokens_details"), "cached_tokens"))
    return record


def failure(channel: str, start: float, end: float, error: BaseException) -> dict[str, Any]:
    """The record of an attempt that failed."""
    record = _record(channel, start, end)
    status = _get(error, "status_code")
    try:
        code = int(status)
    except (TypeError, ValueError):
        code = 0
    if 100 <= code <= 599:
        record["status"] = code
    # These carry a status that nobody sent: LiteLLM makes it up.
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if kinds & {"Timeout", "APITimeoutError", "TimeoutError"}:
        record["outcome"] = "timeout"
    elif "APIConnectionError" in kinds:
        record["outcome"] = "network_error"
        record.pop("status", None)
    elif "status" not in record or code < 400:
        record["outcome"] = "server_error"
        record.pop("status", None)
    wait = retry_after(_all_headers(error))
    if wait is not None:
        record["retry_after_s"] = wait
    return record


def retry_after(sources: Iterable[Any]) -> float | None:
    """The seconds that ``Retry-After`` asks for, as a number or as a date."""
    for headers in sources:
        try:
            text = headers.get("retry-after") or headers.get("Retry-After")
        except AttributeError:
            continue
        if not text:
            continue
        try:
            seconds = float(text)
        except ValueError:
            try:
                seconds = parsedate_to_datetime(str(text)).timestamp() - time.time()
            except (TypeError, ValueError):
                continue
        if 0.0 <= seconds <= 86_400.0:
            return round(seconds, 3)
    return None


def _all_headers(error: BaseException) -> list[Any]:
    return [_get(_get(error, "response"), "headers"), _get(error, "litellm_response_headers"), _get(error, "headers")]


def _record(channel: str, start: float, end: float) -> dict[str, Any]:
    return {"ts": round(start * 1e6), "channel": channel, "latency_ms": round(1e3 * max(0.0, end - start), 3)}


def _get(thing: Any, name: str) -> Any:
    if isinstance(thing, Mapping):
        return thing.get(name)
    return getattr(thing, name, None)


def _put(record: dict[str, Any], name: str, value: Any) -> None:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        record[name] = value
