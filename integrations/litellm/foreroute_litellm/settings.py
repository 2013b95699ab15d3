"""What can be set, and how it is read from the environment."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit


class SettingsError(ValueError):
    """A setting that cannot be used; the message says which and what to write instead."""


@dataclass(frozen=True)
class Settings:
    """How the plugin reaches Foreroute and what its names mean there."""

    #: Where Foreroute answers; calls are reported there, and decisions are fetched there unless ``directory`` is set.
    url: str | None = None
    #: Bearer token; never logged.
    token: str | None = field(default=None, repr=False)
    #: The directory that ``[decide] directory`` of Foreroute names, if decisions should be read from files.
    directory: Path | None = None
    #: Model group to route class. Empty: each model group is the class of that name.
    routes: Mapping[str, str] = field(default_factory=dict)
    #: Deployment (``model_info.id`` or ``litellm_params.model``) to channel, where the names differ.
    channels: Mapping[str, str] = field(default_factory=dict)
    #: Whether attempts are reported.
    report: bool = True
    #: Seconds between two batches of call records.
    report_every: float = 0.1
    #: Call records that wait at most; what is beyond is dropped and counted.
    queue: int = 10_000
    #: Processes of LiteLLM that share the probes.
    workers: int = 1
    #: Probe a channel with a copy of a request, where LiteLLM can copy it, instead of with the request itself.
    mirror: bool = True
    #: Draw the deployment here, so that shares hold under strategies that know no weights.
    draw: bool = False

    def __post_init__(self) -> None:
        if self.url is None and self.directory is None:
            raise SettingsError(
                "neither FOREROUTE_URL nor FOREROUTE_DIRECTORY is set: set FOREROUTE_URL to where Foreroute answers, such as "
                "http://127.0.0.1:8321"
            )
        if self.url is not None:
            parts = urlsplit(self.url)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise SettingsError(f"FOREROUTE_URL is {self.url!r}: write http://HOST:PORT or https://HOST")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read every ``FOREROUTE_*`` variable."""
        env = os.environ if environment is None else environment
        directory = env.get("FOREROUTE_DIRECTORY")
        return cls(
            url=env.get("FOREROUTE_URL") or None,
            token=_token(env),
            directory=Path(directory) if directory else None,
            routes=pairs("FOREROUTE_ROUTES", env.get("FOREROUTE_ROUTES", "")),
            channels=pairs("FOREROUTE_CHANNELS", env.get("FOREROUTE_CHANNELS", "")),
            report=_flag(env, "FOREROUTE_REPORT", True),
            report_every=_number(env, "FOREROUTE_REPORT_MS", 100.0, 10.0, 60_000.0) / 1e3,
            queue=int(_number(env, "FOREROUTE_QUEUE", 10_000, 100, 1_000_000)),
            workers=int(_number(env, "FOREROUTE_WORKERS", 1, 1, 10_000)),
            mirror=_flag(env, "FOREROUTE_MIRROR", True),
            draw=_flag(env, "FOREROUTE_DRAW", False),
        )


def pairs(name: str, text: str) -> dict[str, str]:
    """``a=b,c=d`` or a JSON object of strings."""
    text = text.strip()
    if text.startswith("{"):
        try:
            found = json.loads(text)
        except json.JSONDecodeError as error:
            raise SettingsError(f"{name} is no JSON object: {error}") from error
        if not all(isinstance(value, str) for value in found.values()):
            raise SettingsError(f"{name}: every value must be a string")
        return found
    result: dict[str, str] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        left, equals, right = item.partition("=")
        if not equals or not left.strip() or not right.strip():
            raise SettingsError(f"{name}: `{item}` is not of the form name=name")
        result[left.strip()] = right.strip()
    return result


def _token(env: Mapping[str, str]) -> str | None:
    path = env.get("FOREROUTE_TOKEN_FILE")
    if not path:
        return env.get("FOREROUTE_TOKEN") or None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"FOREROUTE_TOKEN_FILE cannot be read: {error}") from error


def _flag(env: Mapping[str, str], name: str, default: bool) -> bool:
    text = env.get(name, "").strip().lower()
    if not text:
        return default
    if text in ("1", "true", "yes", "on"):
        return True
    if text in ("0", "false", "no", "off"):
        return False
    raise SettingsError(f"{name} is {text!r}: write yes or no")


def _number(env: Mapping[str, str], name: str, default: float, least: float, most: float) -> float:
    text = env.get(name, "").strip()
    try:
        value = float(text) if text else default
    except ValueError:
        raise SettingsError(f"{name} is {text!r}: write a number") from None
    if not least <= value <= most:
        raise SettingsError(f"{name} is {text}: write a number from {least:g} to {most:g}")
    return value
