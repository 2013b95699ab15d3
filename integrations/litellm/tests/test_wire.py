"""What goes to Foreroute and what comes from it, against a small server on this machine."""

from __future__ import annotations

import json
import logging
import tempfile
import threading
import time
import unittest
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from foreroute_litellm.decision import DecisionError, parse
from foreroute_litellm.follow import FileFollower, HttpFollower
from foreroute_litellm.client import Client
from foreroute_litellm.pick import Board
from foreroute_litellm.report import Reporter
from foreroute_litellm.settings import Settings, SettingsError

TOKEN = "not-to-be-logged"


def told(generation: int, **more) -> dict:
    now = datetime.now(timezone.utc)
    return {
        "class": "chat", "generation": generation, "parent": generation - 1, "issued_at": now.isoformat(),
        "valid_until": (now + timedelta(minutes=2)).isoformat().replace("+00:00", "Z"), "trigger": "minute",
        "weights": {"a": 0.9, "b": 0.1, "c": 0.0}, "probes": {"b": 3.0, "c": 5.0}, "why": "", **more,
    }


class Foreroute:
    """Answers as it is told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
                status, headers, sent = outer.answers.pop(0) if outer.answers else (200, {}, b"{}")
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            do_GET = do_POST

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Wire(unittest.TestCase):
    def setUp(self) -> None:
        self.foreroute = Foreroute()
        self.addCleanup(self.foreroute.close)
        self.client = Client(self.foreroute.url, TOKEN, "testing")
        self.addCleanup(self.client.close)
        logging.disable(logging.NOTSET)

    def test_a_decision_is_fetched_and_the_next_is_waited_for(self) -> None:
        board = Board()
        follower = HttpFollower("chat", board.put, self.client)
        self.foreroute.answers = [
            (200, {"ETag": '"1-5"'}, json.dumps(told(1)).encode()),
            (304, {"ETag": '"1-5"'}, b""),
            (200, {"ETag": '"2-6"'}, json.dumps(told(2)).encode()),
        ]
        self.assertEqual([follower.look() for _ in range(3)], [0.0, 0.0, 0.0])
        decision = board.holding("chat", time.monotonic())
        assert decision is not None
        self.assertEqual((decision.generation, decision.weights["a"], decision.probes), (2, 0.9, {"c": 5.0}))
        self.assertAlmostEqual(decision.expires - time.monotonic(), 120.0, delta=5.0)
        path, headers, _ = self.foreroute.asked[1]
        self.assertEqual((path, headers["if-none-match"]), ("/v1/routes/chat/decision?wait=20s", '"1-5"'))
        self.assertEqual(headers["authorization"], f"Bearer {TOKEN}")

    def test_who_does_not_answer_is_asked_again_and_less_often(self) -> None:
        follower = HttpFollower("chat", Board().put, self.client)
        self.foreroute.answers = [(404, {}, b""), (503, {}, b""), (503, {}, b""), (401, {}, b"")]
        with self.assertLogs("foreroute_litellm", "WARNING") as logs:
            waits = [follower.look() for _ in range(4)]
        self.assertTrue(waits[0] > 3.0 and 0.1 < waits[1] < waits[2] < waits[3] < 5.0, waits)
        self.assertIn("FOREROUTE_TOKEN", logs.output[-1])
        self.assertNotIn(TOKEN, "".join(logs.output))

    def test_a_file_is_read_when_it_changes(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            board, path = Board(), Path(folder) / "chat.json"
            follower = FileFollower("chat", board.put, Path(folder))
            follower.look()
            self.assertIsNone(board.holding("chat", time.monotonic()))
            for generation in (1, 2):
                aside = Path(folder) / "new"
                aside.write_text(json.dumps(told(generation)))
                aside.replace(path)
                follower.look()
                decision = board.holding("chat", time.monotonic())
                self.assertEqual(decision and decision.generation, generation)
            path.unlink()
            follower.look()
            self.assertIsNotNone(board.holding("chat", time.monotonic()), "what was read holds until it expires")

    def test_bad_decisions_are_told_apart(self) -> None:
        for bad in (b"", b"[]", b"{}", json.dumps(told(1, weights={"a": -1})), json.dumps(told(1, valid_until="soon"))):
            with self.assertRaises(DecisionError):
                parse(bad)

    def test_records_are_sent_once_in_batches(self) -> None:
        reporter = Reporter(self.client, every=0.01)
        for number in range(3):
            reporter.add({"ts": number, "channel": "a"})
        self.foreroute.answers = [(503, {}, b""), (200, {}, b"{}")]
        with self.assertLogs("foreroute_litellm", "WARNING"):
            reporter.flush()
        self.assertEqual((reporter.sent, reporter.dropped), (3, 0))
        (path, first, body), (_, second, again) = self.foreroute.asked
        self.assertEqual((path, first["idempotency-key"], body), ("/v1/calls", second["idempotency-key"], again))
        self.assertEqual([json.loads(line)["ts"] for line in body.splitlines()], [0, 1, 2])

    def test_what_does_not_fit_or_is_refused_is_counted(self) -> None:
        reporter = Reporter(self.client, most=2)
        for number in range(5):
            reporter.add({"ts": number, "channel": "a"})
        self.assertEqual(reporter.dropped, 3)
        self.foreroute.answers = [(200, {}, b'{"accepted":1,"rejected":1}'), (400, {}, b'{"title":"no"}')]
        with self.assertLogs("foreroute_litellm", "WARNING"):
            reporter.flush()
        self.assertEqual((reporter.sent, reporter.dropped), (1, 4))
        reporter.add({})
        with self.assertLogs("foreroute_litellm", "WARNING"):
            reporter.flush()
        self.assertEqual((reporter.sent, reporter.dropped), (1, 5))

    def test_nobody_there_takes_no_time_of_a_request(self) -> None:
        self.foreroute.close()
        reporter = Reporter(Client(self.foreroute.url, None, "testing"), every=0.01)
        with self.assertLogs("foreroute_litellm", "WARNING"):
            reporter.start()
            begun = time.perf_counter()
            for number in range(100):
                reporter.add({"ts": number, "channel": "a"})
            self.assertLess(time.perf_counter() - begun, 0.05)
            time.sleep(0.1)
            reporter.stop()


class Variables(unittest.TestCase):
    def test_read(self) -> None:
        env = {
            "FOREROUTE_URL": "http://127.0.0.1:8321", "FOREROUTE_TOKEN": TOKEN, "FOREROUTE_ROUTES": "gpt=chat",
            "FOREROUTE_CHANNELS": '{"openai/x":"eu"}', "FOREROUTE_DRAW": "yes", "FOREROUTE_REPORT_MS": "200",
        }
        settings = Settings.from_environment(env)
        self.assertEqual((settings.routes, settings.channels), ({"gpt": "chat"}, {"openai/x": "eu"}))
        self.assertEqual((settings.draw, settings.report, settings.report_every), (True, True, 0.2))
        self.assertNotIn(TOKEN, repr(settings))

    def test_what_is_wrong_is_said(self) -> None:
        good = {"FOREROUTE_URL": "http://h:1"}
        for wrong in (
            {"FOREROUTE_URL": ""}, {"FOREROUTE_URL": "h:1"}, {"FOREROUTE_ROUTES": "gpt"}, {"FOREROUTE_CHANNELS": "{"},
            {"FOREROUTE_DRAW": "maybe"}, {"FOREROUTE_QUEUE": "1"}, {"FOREROUTE_TOKEN_FILE": "/not/there"},
        ):
            with self.assertRaisesRegex(SettingsError, "FOREROUTE_"):
                Settings.from_environment(good | wrong)


if __name__ == "__main__":
    unittest.main()
