"""How decisions come in: by a long poll over HTTP, or from the files that ``[decide] directory`` of Foreroute writes."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from foreroute_litellm.decision import Decision, DecisionError, parse
from foreroute_litellm.client import Client

LOG = logging.getLogger("foreroute_litellm")

#: How long Foreroute is asked to wait for something new.
WAIT = "20s"
#: Seconds between two tries where Foreroute does not answer: the first, and the longest.
FIRST_WAIT, LONGEST_WAIT = 0.25, 5.0
#: Seconds until a class is asked for again of which nothing is decided.
UNKNOWN_WAIT = 5.0
#: Seconds between two looks at a file.
LOOK_EVERY = 0.1
#: Classes that are followed at most: each has a thread.
MOST_CLASSES = 64

#: Takes the decision of a class and says whether it was newer.
Sink = Callable[[str, Decision], bool]


class Follower(threading.Thread):
    """Follows the decisions of one route class until it is told to stop."""

    def __init__(self, route_class: str, sink: Sink) -> None:
        super().__init__(name=f"foreroute-follow-{route_class}", daemon=True)
        self.route_class, self._sink = route_class, sink
        self._stop_asked = threading.Event()

    def stop(self) -> None:
        """Ask it to end; it does when its question is answered."""
        self._stop_asked.set()

    def run(self) -> None:
        """Look again and again."""
        while not self._stop_asked.is_set():
            try:
                wait = self.look()
            except Exception:  # whatever it is must not end the thread: without it decisions would only expire
                LOG.exception("foreroute: following `%s` failed; it goes on", self.route_class)
                wait = LONGEST_WAIT
            self._stop_asked.wait(wait)

    def look(self) -> float:
        """Look once; the seconds until the next look."""
        raise NotImplementedError

    def take(self, body: bytes) -> None:
        """Hand on what came."""
        try:
            decision = parse(body)
        except DecisionError as error:
            LOG.warning("foreroute: the decision of `%s` is not followed: %s", self.route_class, error)
            return
        if self._sink(self.route_class, decision):
            LOG.info("foreroute: %s follows decision %d: %s", self.route_class, decision.generation, dict(decision.weights))


class HttpFollower(Follower):
    """Holds a long poll open, so a decision is known here some milliseconds after it was made."""

    def __init__(self, route_class: str, sink: Sink, client: Client) -> None:
        super().__init__(route_class, sink)
        self._client = client
        self._etag: str | None = None
        self._wait = FIRST_WAIT

    def look(self) -> float:
        headers = {"If-None-Match": self._etag} if self._etag else {}
        path = f"/v1/routes/{quote(self.route_class, safe='')}/decision?wait={WAIT}"
        asked = time.monotonic()
        answer = self._client.ask("GET", path, headers=headers, timeout=35.0)
        if answer is not None and answer.status == 200:
            self.take(answer.body)
            self._etag, self._wait = answer.headers.get("etag"), FIRST_WAIT
            return 0.0
        if answer is not None and answer.status == 304:
            self._wait = FIRST_WAIT
            return 0.0
        if answer is not None and answer.status == 404:
            # A class that is known, of which nothing is decided yet, is waited for over there.
            if time.monotonic() - asked > 1.0:
                return 0.0
            return UNKNOWN_WAIT * random.uniform(0.8, 1.2)
        wait, self._wait = self._wait, min(2 * self._wait, LONGEST_WAIT)
        return wait * random.uniform(0.8, 1.2)


class FileFollower(Follower):
    """Looks at the file of the class, which is replaced as a whole."""

    def __init__(self, route_class: str, sink: Sink, directory: Path) -> None:
        super().__init__(route_class, sink)
        self._path = directory / f"{route_class}.json"
        self._seen: tuple[int, int, int] | None = None

    def look(self) -> float:
        try:
            about = self._path.stat()
            seen = (about.st_ino, about.st_mtime_ns, about.st_size)
            if seen != self._seen:
                body = self._path.read_bytes()
                self._seen = seen
                self.take(body)
        except OSError:
            # Not there yet, or not any more: what was read expires by itself.
            self._seen = None
        return LOOK_EVERY


class Followers:
    """A follower for each class that requests ask about, started when the first one does."""

    def __init__(self, start: Callable[[str], Follower], most: int = MOST_CLASSES) -> None:
        self._start, self._most = start, most
        self._running: dict[str, Follower] = {}
        self._lock = threading.Lock()

    def ensure(self, route_class: str) -> None:
        """Follow ``route_class`` from now on."""
        if route_class in self._running:
            return
        with self._lock:
            if route_class in self._running or len(self._running) >= self._most:
                return
            follower = self._start(route_class)
            self._running[route_class] = follower
            follower.start()

    def stop(self) -> None:
        """Ask all of them to end."""
        for follower in list(self._running.values()):
            follower.stop()
