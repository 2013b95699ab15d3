"""Three backends that speak OpenAI's chat completions, and can be told to go wrong.

Run as a program it prints the addresses as JSON and serves until it is ended. ``POST /fault`` sets what goes wrong with one
backend (an empty object heals it), ``GET /arrivals`` lists when calls arrived.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.http1 import read_head

#: Milliseconds that each takes when nothing is wrong; 10 % up or down.
BACKENDS = {"chan-a": 50.0, "chan-b": 60.0, "chan-c": 70.0}
#: Tokens of each answer.
COMPLETION_TOKENS = 20


@dataclass
class Backend:
    """One of them."""

    name: str
    usual_ms: float
    #: ``slow_ms``, ``share`` of calls with ``status`` (and ``retry_after``), ``hang_s``.
    fault: dict[str, float] = field(default_factory=dict)
    arrivals: list[float] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while True:
                first, headers = await read_head(reader)
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                method, path, _ = first.split(" ", 2)
                status, more, told = await self.answer(method, path.partition("?")[0], body)
                sent = json.dumps(told).encode()
                lines = [f"HTTP/1.1 {status} -", "Content-Type: application/json", f"Content-Length: {len(sent)}"]
                lines += [f"{name}: {value}" for name, value in more.items()]
                writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + sent)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def answer(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, str], object]:
        """Status, further headers and body."""
        if path == "/fault" and method == "POST":
            self.fault = json.loads(body)
            return 200, {}, self.fault
        if path == "/arrivals":
            return 200, {}, self.arrivals
        if not path.endswith("/chat/completions"):
            return 404, {}, {"error": {"message": f"no such path: {path}"}}
        self.arrivals.append(time.time())
        fault, spread = dict(self.fault), random.uniform(0.9, 1.1)
        if "hang_s" in fault:
            await asyncio.sleep(fault["hang_s"])
        if random.random() < fault.get("share", 0.0):
            await asyncio.sleep(0.1 * self.usual_ms / 1e3)
            more = {"Retry-After": f"{fault['retry_after']:g}"} if "retry_after" in fault else {}
            return int(fault["status"]), more, {"error": {"message": "told to fail", "type": "mock"}}
        await asyncio.sleep(fault.get("slow_ms", self.usual_ms) * spread / 1e3)
        return 200, {}, completion(self.name)


def completion(model: str) -> dict[str, object]:
    """What a model says."""
    return {
        "id": f"chatcmpl-{random.getrandbits(48):x}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [
            {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "word " * COMPLETION_TOKENS}}
        ],
        "usage": {"prompt_tokens": 12, "completion_tokens": COMPLETION_TOKENS, "total_tokens": 12 + COMPLETION_TOKENS},
    }


async def main() -> None:
    """Serve until the process is ended."""
    servers, addresses = [], {}
    for name, usual in BACKENDS.items():
        server = await asyncio.start_server(Backend(name, usual).serve, "127.0.0.1", 0)
        addresses[name] = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        servers.append(server)
    print(json.dumps(addresses), flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(main())
