"""One kept connection to Foreroute, with the standard library only."""

from __future__ import annotations

import http.client
import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

LOG = logging.getLogger("foreroute_litellm")

#: Largest answer that is read.
MOST = 4 * 1024 * 1024


@dataclass(frozen=True)
class Answer:
    """What Foreroute answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Client:
    """Asks Foreroute; every thread has its own. Trouble is logged when it begins and when it ends, not each time."""

    def __init__(self, url: str, token: str | None, purpose: str) -> None:
        self._url, self._token, self._purpose = urlsplit(url), token, purpose
        self._connection: http.client.HTTPConnection | None = None
        self._trouble: str | None = None

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None, timeout: float = 30.0
    ) -> Answer | None:
        """The answer; none if there was none in time."""
        sent = dict(headers or {})
        if self._token:
            sent["Authorization"] = f"Bearer {self._token}"
        # A kept connection may have been closed meanwhile: then a new one is tried at once.
        for kept in (self._connection is not None, False):
            try:
                answer = self._once(method, self._url.path.rstrip("/") + path, body, sent, timeout)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if kept and not isinstance(error, TimeoutError):
                    continue
                self._note(f"{type(error).__name__}: {error}")
                return None
            if answer.status in (401, 403):
                self._note(f"status {answer.status}; set FOREROUTE_TOKEN to a token that may do this")
            elif answer.status >= 500 or answer.status == 429:
                self._note(f"status {answer.status}")
            else:
                self._note(None)
            return answer
        return None

    def close(self) -> None:
        """Close the connection; the next question opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _once(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], timeout: float) -> Answer:
        if self._connection is None:
            host, port = self._url.hostname or "", self._url.port
            self._connection = (
                http.client.HTTPSConnection(host, port, timeout=timeout, context=ssl.create_default_context())
                if self._url.scheme == "https"
                else http.client.HTTPConnection(host, port, timeout=timeout)
            )
        self._connection.request(method, path, body=body, headers=dict(headers))
        response = self._connection.getresponse()
        found = response.read(MOST)
        if not response.isclosed() or response.will_close:
            self.close()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, found)

    def _note(self, trouble: str | None) -> None:
        if trouble == self._trouble:
            return
        self._trouble = trouble
        if trouble is None:
            LOG.warning("foreroute: %s works again", self._purpose)
        else:
            LOG.warning("foreroute: %s does not work (%s); it is tried again, and requests go on without", self._purpose, trouble)
