"""As much HTTP/1.1 as backends and the load need, with asyncio and nothing else."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    """The answer to a request."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


async def read_head(reader: asyncio.StreamReader) -> tuple[str, dict[str, str]]:
    """First line and headers, names in lower case."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines[1:] if line)
    return lines[0], {name.strip().lower(): value.strip() for name, _, value in pairs}


async def ask(
    url: str, method: str = "GET", body: Any = None, headers: dict[str, str] | None = None, timeout: float = 30.0
) -> Answer:
    """Send one request over a connection of its own."""
    async with asyncio.timeout(timeout):
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            sent = b"" if body is None else json.dumps(body).encode()
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            lines = [f"{method} {path or '/'} HTTP/1.1", f"Host: {parts.netloc}", "Connection: close"]
            lines += [f"Content-Length: {len(sent)}", "Content-Type: application/json"]
            lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
            writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + sent)
            first, found = await read_head(reader)
            if "content-length" in found:
                read = await reader.readexactly(int(found["content-length"]))
            else:
                read = await reader.read()
            return Answer(int(first.split(" ", 2)[1]), found, read)
        finally:
            writer.close()
