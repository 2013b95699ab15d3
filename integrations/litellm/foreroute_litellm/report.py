"""Call records on their way to Foreroute: a bounded queue and one thread. A request only appends to the queue."""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Mapping
from typing import Any

from foreroute_litellm.client import Answer, Client

LOG = logging.getLogger("foreroute_litellm")

#: Most records of one batch.
BATCH = 1_000
#: Longest wait between two tries of a batch, in seconds.
LONGEST_WAIT = 5.0
#: How long the last batch may take when the process ends, in seconds.
LAST_WORDS = 1.0


class Reporter:
    """Sends call records in small batches; each batch is counted once by its idempotency key, however often it is sent."""

    def __init__(self, client: Client, every: float = 0.1, most: int = 10_000) -> None:
        self._client, self._every, self._most = client, every, most
        self._queue: deque[Mapping[str, Any]] = deque()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        #: Records that Foreroute has stored.
        self.sent = 0
        #: Records that did not fit into the queue, or that Foreroute refused.
        self.dropped = 0
        #: When drops were told last, and how many there were then.
        self._told = (0.0, 0)

    def add(self, record: Mapping[str, Any]) -> None:
        """Take a record; never waits and never fails."""
        if len(self._queue) >= self._most:
            self.dropped += 1
            return
        self._queue.append(record)

    def start(self) -> None:
        """Begin to send."""
        self._thread = threading.Thread(target=self._run, name="foreroute-report", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Send what is left, for a moment, and end."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(LAST_WORDS)

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            try:
                self.flush()
                self._tell_of_dropped()
            except Exception:  # a record that cannot be written must not end the thread
                LOG.exception("foreroute: reporting calls failed; it goes on")
        self.flush(LAST_WORDS)

    def flush(self, patience: float = float("inf")) -> None:
        """Send all that waits now, batch by batch."""
        until = time.monotonic() + patience
        while self._queue:
            batch = [self._queue.popleft() for _ in range(min(len(self._queue), BATCH))]
            if not self._deliver(batch, until):
                return

    def _deliver(self, batch: list[Mapping[str, Any]], until: float) -> bool:
        """Send one batch until it is stored or refused for good; whether to go on."""
        body = b"".join(json.dumps(record, separators=(",", ":")).encode() + b"\n" for record in batch)
        key, wait = f"litellm-{uuid.uuid4()}", 0.25
        while True:
            answer = self._send(body, key)
            if answer is not None and (answer.status == 200 or _is_final(answer.status)):
                self._settle(batch, answer)
                return True
            if time.monotonic() + wait > until or self._stop.wait(wait):
                self.dropped += len(batch)
                return False
            wait = min(2 * wait, LONGEST_WAIT)

    def _send(self, body: bytes, key: str) -> Answer | None:
        headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": key}
        return self._client.ask("POST", "/v1/calls", body, headers, timeout=10.0)

    def _settle(self, batch: list[Mapping[str, Any]], answer: Answer) -> None:
        """Count what was stored. Of a batch with a bad line Foreroute keeps what is good, and says how much that is."""
        try:
            told = json.loads(answer.body)
            accepted = int(told["accepted"])
        except (ValueError, KeyError, TypeError):
            accepted = len(batch) if answer.status == 200 else 0
        self.sent += accepted
        refused = len(batch) - accepted
        if refused > 0:
            self.dropped += refused
            LOG.warning(
                "foreroute: %d of %d call records were refused with status %d: %s",
                refused, len(batch), answer.status, answer.body[:300].decode(errors="replace"),
            )

    def _tell_of_dropped(self) -> None:
        now, (at, dropped) = time.monotonic(), self._told
        if self.dropped > dropped and now - at > 60.0:
            self._told = (now, self.dropped)
            LOG.warning("foreroute: %d call records were dropped so far, %d sent", self.dropped, self.sent)


def _is_final(status: int) -> bool:
    """Whether the same batch would be refused again. A missing right or too many requests may pass."""
    return 400 <= status < 500 and status not in (401, 403, 408, 429)
