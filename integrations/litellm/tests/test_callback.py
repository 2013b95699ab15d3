"""The callback within LiteLLM itself: its router, its retries, with deployments that are mocked by LiteLLM."""

from __future__ import annotations

import asyncio
import os
import time
import unittest
from datetime import datetime
from types import SimpleNamespace

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
try:
    import litellm
except ImportError:
    litellm = None

from foreroute_litellm import attempt
from foreroute_litellm.decision import Decision
from foreroute_litellm.pick import Names
from foreroute_litellm.settings import Settings

#: LiteLLM's logging worker belongs to one loop.
LOOP = asyncio.new_event_loop()


def tearDownModule() -> None:
    LOOP.close()


class Records(unittest.TestCase):
    def test_failures(self) -> None:
        class Timeout(Exception):
            status_code = 408

        class APIConnectionError(Exception):
            status_code = 500

        class RateLimitError(Exception):
            status_code = 429
            response = SimpleNamespace(headers={"retry-after": "7"})

        expected = (
            (Timeout(), {"status": 408, "outcome": "timeout"}),
            (APIConnectionError(), {"outcome": "network_error"}),
            (RateLimitError(), {"status": 429, "retry_after_s": 7.0}),
            (ValueError(), {"outcome": "server_error"}),
        )
        for error, more in expected:
            found = attempt.failure("a", 1.5, 2.0, error)
            self.assertEqual(found, {"ts": 1_500_000, "channel": "a", "latency_ms": 500.0, **more})

    def test_an_answer(self) -> None:
        usage = {"prompt_tokens": 9, "completion_tokens": 20, "prompt_tokens_details": {"cached_tokens": 4}}
        found = attempt.success("a", 1.0, 3.0, {"usage": usage}, first_token=1.25)
        self.assertEqual(
            found,
            {
                "ts": 1_000_000, "channel": "a", "latency_ms": 2_000.0, "status": 200, "ttft_ms": 250.0, "tokens_prompt": 9,
                "tokens_completion": 20, "tokens_cached": 4,
            },
        )
        self.assertEqual(attempt.success("a", 1.0, 0.5, None), {"ts": 1_000_000, "channel": "a", "latency_ms": 0.0, "status": 200})

    def test_a_date_to_come_back_at(self) -> None:
        self.assertEqual(attempt.retry_after([None, {"Retry-After": "1.5"}]), 1.5)
        self.assertIsNone(attempt.retry_after([{"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, {"retry-after": "soon"}]))

    def test_who_was_asked(self) -> None:
        names = Names({})
        self.assertEqual(attempt.identity(names, {"model_info": {"id": "x"}}), "x")
        self.assertEqual(attempt.identity(names, {"litellm_metadata": {"model_info": {"id": "y"}}}), "y")
        self.assertIsNone(attempt.identity(names, {"metadata": None}))
        tried = {"metadata": {"previous_models": ({"deployment_id": "x"}, {"deployment_id": None}, "?")}}
        self.assertEqual(attempt.tried_before(tried), frozenset({"x"}))
        self.assertEqual(attempt.tried_before(None), frozenset())


@unittest.skipIf(litellm is None, "LiteLLM is not installed here")
class WithinLiteLLM(unittest.TestCase):
    def setUp(self) -> None:
        from foreroute_litellm.callback import ForerouteCallback

        self.callback = ForerouteCallback(Settings(url="http://127.0.0.1:9", routes={"chat": "chat"}), start=False)
        self.callback._followers.ensure = lambda route_class: None
        litellm.callbacks = [self.callback]
        # LiteLLM keeps the first callback of a class.
        self.addCleanup(litellm.logging_callback_manager._reset_all_callbacks)

    def router(self, **answers: object):
        models = [
            {
                "model_name": "chat",
                "litellm_params": {"model": f"openai/{name}", "api_key": "none", "api_base": "http://127.0.0.1:9", "mock_response": answer},
                "model_info": {"id": name},
            }
            for name, answer in answers.items()
        ]
        return litellm.Router(model_list=models, num_retries=2)

    def decide(self, weights: dict[str, float], probes: dict[str, float] | None = None) -> None:
        now = time.time()
        self.callback.board.put("chat", Decision("chat", 1, now, now + 120, weights, probes or {}, time.monotonic() + 120))

    def heard(self) -> list[dict]:
        assert self.callback.reporter is not None
        return list(self.callback.reporter._queue)

    async def ask(self, router, **more):
        return await router.acompletion("chat", [{"role": "user", "content": "hello"}], **more)

    def test_weights_are_followed(self) -> None:
        router = self.router(a="yes", b="yes")
        self.decide({"a": 0.0, "b": 1.0})
        LOOP.run_until_complete(self.repeat(router, 10))
        self.assertEqual({record["channel"] for record in self.heard()}, {"b"})

    async def repeat(self, router, times: int) -> None:
        for _ in range(times):
            await self.ask(router)

    def test_each_attempt_is_reported_and_a_retry_goes_elsewhere(self) -> None:
        router = self.router(a="litellm.InternalServerError", b="yes")
        self.decide({"a": 0.999999, "b": 0.000001})
        LOOP.run_until_complete(self.ask(router))
        told = [(record["channel"], record.get("status")) for record in self.heard()]
        self.assertEqual(told, [("a", 500), ("b", 200)])

    def test_a_probe_is_a_copy_that_no_client_waits_for(self) -> None:
        router = self.router(a="yes", b="litellm.InternalServerError")
        self.decide({"a": 1.0, "b": 0.0}, {"b": 0.001})

        async def ask() -> None:
            from litellm.litellm_core_utils.litellm_logging import Logging

            await asyncio.sleep(0.01)
            # The proxy makes the logging object before it routes.
            about = Logging("chat", [], False, "acompletion", datetime.now(), "call-1", "")
            await self.ask(router, litellm_logging_obj=about)
            for _ in range(500):
                await asyncio.sleep(0.01)
                if len(self.heard()) > 1:
                    return

        LOOP.run_until_complete(ask())
        told = {(record["channel"], record["status"], record.get("probe")) for record in self.heard()}
        self.assertEqual(told, {("a", 200, None), ("b", 500, True)})

    def test_a_stream_is_reported_once_at_its_end(self) -> None:
        router = self.router(a="one two three")

        async def stream() -> None:
            async for _ in await self.ask(router, stream=True):
                pass
            for _ in range(200):
                await asyncio.sleep(0.01)
                if self.heard():
                    return

        LOOP.run_until_complete(stream())
        [record] = self.heard()
        self.assertEqual((record["channel"], record["status"]), ("a", 200))
        self.assertIn("ttft_ms", record)

    def test_a_broken_stream_is_told_once(self) -> None:
        details = {
            "stream": True, "litellm_call_id": "1", "api_call_start_time": datetime.now(), "exception": ConnectionError(),
            "litellm_params": {"metadata": {"model_info": {"id": "a"}}},
        }
        for _ in range(2):
            LOOP.run_until_complete(self.callback.async_log_failure_event(details, None, None, None))
        self.assertEqual([record["outcome"] for record in self.heard()], ["server_error"])

    def test_trouble_of_ours_is_no_trouble_of_requests(self) -> None:
        def broken(*_: object) -> None:
            raise RuntimeError("broken")

        router = self.router(a="yes", b="yes")
        self.callback._picker.pick = broken
        self.callback.reporter.add = broken
        with self.assertLogs("foreroute_litellm", "WARNING") as logs:
            LOOP.run_until_complete(self.repeat(router, 3))
        self.assertEqual(len(logs.output), 2, "each kind is told once")


if __name__ == "__main__":
    unittest.main()
