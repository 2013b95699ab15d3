"""A LiteLLM callback that routes as Foreroute decides and tells it how every attempt went.

In the configuration of the LiteLLM proxy::

    litellm_settings:
      callbacks: ["foreroute_litellm.plugin"]

Settings come from the environment, see :mod:`foreroute_litellm.settings`. Whoever uses LiteLLM's router without the proxy
builds the callback itself: ``litellm.callbacks = [ForerouteCallback(Settings(url=...))]``.

| module | one idea |
|---|---|
| ``settings`` | what can be set, read from the environment |
| ``decision`` | a decision of Foreroute as a lease |
| ``client`` | one kept connection to Foreroute |
| ``follow`` | how decisions come in: long poll or file |
| ``pick`` | which deployments a request may choose from |
| ``attempt`` | one attempt as a call record |
| ``report`` | call records on their way to Foreroute |
| ``callback`` | the above joined, as LiteLLM wants it |
"""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"
__all__ = ["ForerouteCallback", "Settings", "plugin"]


def __getattr__(name: str) -> Any:
    """Build ``plugin`` when LiteLLM asks for it, so that importing the package starts nothing."""
    if name == "plugin":
        from foreroute_litellm.callback import ForerouteCallback

        globals()["plugin"] = ForerouteCallback.from_environment()
        return globals()["plugin"]
    if name == "ForerouteCallback":
        from foreroute_litellm.callback import ForerouteCallback

        return ForerouteCallback
    if name == "Settings":
        from foreroute_litellm.settings import Settings

        return Settings
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
