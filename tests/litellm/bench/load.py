"""Calls at a steady rate, whatever becomes of them: an open loop."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from bench.http1 import ask
from bench.programs import KEY

#: How long a client waits, in seconds.
PATIENCE = 30.0
BODY = {"model": "chat", "messages": [{"role": "user", "content": "Say twenty words."}]}


@dataclass(frozen=True)
class Seen:
    """What a client saw of one call."""

    at: float
    seconds: float
    #: 0 if there was no answer.
    status: int
    #: The deployment that answered.
    served_by: str | None
    retries: int

    @property
    def failed(self) -> bool:
        """Whether it was in vain."""
        return self.status != 200


async def call(url: str) -> Seen:
    """One call."""
    at = time.time()
    try:
        answer = await ask(f"{url}/v1/chat/completions", "POST", BODY, {"Authorization": f"Bearer {KEY}"}, PATIENCE)
        status, headers = answer.status, answer.headers
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        status, headers = 0, {}
    retries = int(headers.get("x-litellm-attempted-retries") or 0)
    return Seen(at, time.time() - at, status, headers.get("x-litellm-model-id"), retries)


async def steady(url: str, per_second: float, seconds: float) -> list[Seen]:
    """As many calls as fit into ``seconds``, and what became of each."""
    loop = asyncio.get_running_loop()
    begun, calls = loop.time(), []
    for number in range(round(per_second * seconds)):
        wait = begun + number / per_second - loop.time()
        if wait > 0:
            await asyncio.sleep(wait)
        calls.append(asyncio.create_task(call(url)))
    return list(await asyncio.gather(*calls))
