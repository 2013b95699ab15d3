"""What the plugin costs a request, measured within a process of LiteLLM's Python. Prints JSON, in microseconds."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "integrations" / "litellm"))

import litellm
from litellm import Router

from foreroute_litellm.callback import ForerouteCallback
from foreroute_litellm.decision import Decision
from foreroute_litellm.settings import Settings

PICKS = 5_000
ROUNDS = 5


def decision(names: list[str]) -> Decision:
    """One channel out and probed, the others in."""
    weights = {name: 0.0 if number == 0 else 1.0 / (len(names) - 1) for number, name in enumerate(names)}
    now = time.time()
    return Decision("chat", 1, now, now + 3600.0, weights, {names[0]: 3600.0}, time.monotonic() + 3600.0)


async def timed(what: Callable[[], Awaitable[object]], times: int) -> list[float]:
    """Microseconds of each of so many."""
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        await what()
        found.append(1e6 * (time.perf_counter() - begun))
    return found


def quantiles(values: list[float]) -> dict[str, float]:
    """Median, 99th percentile and mean."""
    ordered = sorted(values)
    return {
        "p50": round(ordered[len(ordered) // 2], 1),
        "p99": round(ordered[int(0.99 * len(ordered))], 1),
        "mean": round(sum(ordered) / len(ordered), 1),
    }


async def measure(count: int) -> dict[str, object]:
    """Among ``count`` deployments: the plugin's own part, and LiteLLM's pick without and with it."""
    names = [f"chan-{number}" for number in range(count)]
    models = [
        {
            "model_name": "chat",
            "litellm_params": {"model": f"openai/{name}", "api_base": "http://127.0.0.1:9/v1", "api_key": "none"},
            "model_info": {"id": name},
        }
        for name in names
    ]
    router = Router(model_list=models)
    plugin = ForerouteCallback(Settings(url="http://127.0.0.1:9", routes={"chat": "chat"}), start=False)
    plugin._followers.ensure = lambda route_class: None  # type: ignore[method-assign]
    plugin.board.put("chat", decision(names))
    deployments = router.get_model_list(model_name="chat") or []
    messages = [{"role": "user", "content": "Say twenty words."}]
    alone: list[float] = []
    joined: list[float] = []
    own: list[float] = []

    def pick() -> Awaitable[object]:
        return router.async_get_available_deployment(model="chat", messages=messages, request_kwargs={"metadata": {}})

    def filtered() -> Awaitable[object]:
        return plugin.async_filter_deployments("chat", deployments, messages, {"metadata": {}})

    # In turns, so that what else the machine does falls on all of them.
    for _ in range(ROUNDS):
        litellm.callbacks = []
        alone += await timed(pick, PICKS // ROUNDS)
        litellm.callbacks = [plugin]
        joined += await timed(pick, PICKS // ROUNDS)
        own += await timed(filtered, PICKS // ROUNDS)
    litellm.callbacks = []
    return {"filter": quantiles(own), "pick_alone": quantiles(alone), "pick_with": quantiles(joined)}


async def main() -> None:
    """Measure pools of three sizes."""
    print(json.dumps({str(count): await measure(count) for count in (3, 10, 100)}))


if __name__ == "__main__":
    asyncio.run(main())
