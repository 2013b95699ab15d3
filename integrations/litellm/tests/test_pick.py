"""Which deployments a request may choose from."""

from __future__ import annotations

import time
import unittest

from foreroute_litellm.decision import Decision
from foreroute_litellm.pick import Board, Names, Picker, Probes


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def deployment(name: str, weight: float | None = None) -> dict:
    params = {"model": f"openai/{name}"} | ({} if weight is None else {"weight": weight})
    return {"model_name": "chat", "litellm_params": params, "model_info": {"id": name}}


class Pool(unittest.TestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.board = Board(Probes(), self.clock)
        self.deployments = [deployment("a"), deployment("b"), deployment("c")]

    def decide(self, weights: dict, probes: dict | None = None, generation: int = 1, lease: float = 120.0) -> bool:
        now = time.time()
        decision = Decision("chat", generation, now, now + lease, weights, probes or {}, self.clock.now + lease)
        return self.board.put("chat", decision)

    def pick(self, failed: tuple[str, ...] = (), deployments: list | None = None, **more) -> dict[str, float | None]:
        picker = Picker(self.board, Names({}), clock=self.clock, **more)
        found = picker.pick("chat", deployments or self.deployments, frozenset(failed))
        return {one["model_info"]["id"]: one["litellm_params"].get("weight") for one in found}

    def test_shares_become_weights_of_copies_and_zero_is_dropped(self) -> None:
        self.decide({"a": 0.75, "b": 0.25, "c": 0.0})
        self.assertEqual(self.pick(), {"a": 0.75, "b": 0.25})
        self.assertNotIn("weight", self.deployments[0]["litellm_params"])

    def test_no_opinion_leaves_the_very_list(self) -> None:
        picker = Picker(self.board, Names({}), clock=self.clock)
        self.assertIs(picker.pick("chat", self.deployments), self.deployments)
        self.decide({"a": 1.0, "b": 0.0, "c": 0.0})
        self.clock.now += 120.0
        self.assertIs(picker.pick("chat", self.deployments), self.deployments, "the lease is over")

    def test_never_none(self) -> None:
        self.decide({"a": 1.0, "b": 0.0, "c": 0.0})
        left = self.deployments[1:]
        self.assertEqual(self.pick(deployments=left), {"b": None, "c": None}, "LiteLLM cools the only good one down")

    def test_a_probe_is_one_request_in_each_interval_and_begins_with_a_whole_one(self) -> None:
        self.decide({"a": 0.5, "b": 0.5, "c": 0.0}, {"c": 5.0})
        picker = Picker(self.board, Names({}), clock=self.clock)
        probed = []
        for tenth in range(160):
            self.clock.now = 1_000.0 + tenth / 10
            if tenth == 70:
                self.decide({"a": 0.4, "b": 0.6, "c": 0.0}, {"c": 5.0}, generation=2)
            found = [one["model_info"]["id"] for one in picker.pick("chat", self.deployments)]
            if found == ["c"]:
                probed.append(tenth)
        self.assertEqual(probed, [50, 100, 150], "a new decision does not begin the count anew")

    def test_a_probe_is_a_copy_where_litellm_can_make_one(self) -> None:
        self.decide({"a": 0.5, "b": 0.5, "c": 0.0}, {"c": 5.0})
        self.clock.now += 5.0
        picker = Picker(self.board, Names({}), clock=self.clock)
        found = picker.pick("chat", self.deployments, can_mirror=True)
        self.assertEqual([(one["model_info"]["id"], one["litellm_params"]["silent_model"]) for one in found], [("a", "c"), ("b", "c")])
        self.assertNotIn("silent_model", picker.pick("chat", self.deployments, can_mirror=True)[0]["litellm_params"], "one in 5 s")

    def test_seldom_requests_probe_as_well(self) -> None:
        self.decide({"a": 1.0, "b": 0.0, "c": 0.0}, {"c": 5.0}, lease=1e6)
        self.clock.now += 600.0
        self.assertEqual(self.pick(), {"c": None})

    def test_processes_share_probes(self) -> None:
        probes = Probes(workers=4)
        probes.list("chat", ["c"], 0.0)
        self.assertFalse(probes.claim("chat", "c", 5.0, 19.9))
        self.assertTrue(probes.claim("chat", "c", 5.0, 20.0))

    def test_a_retry_goes_elsewhere_and_never_probes(self) -> None:
        self.decide({"a": 0.9, "b": 0.1, "c": 0.0}, {"c": 5.0}, lease=1e6)
        self.clock.now += 60.0
        self.assertEqual(self.pick(failed=("a",)), {"b": 0.1})
        self.assertEqual(self.pick(failed=("a", "b")), {"a": 0.9, "b": 0.1}, "nothing else is left")

    def test_what_the_decision_does_not_know_keeps_its_own_share(self) -> None:
        self.decide({"a": 0.8, "b": 0.2})
        self.assertEqual({name: round(weight, 9) for name, weight in self.pick().items()}, {"a": 0.533333333, "b": 0.133333333, "c": 0.333333333})
        self.decide({"x": 1.0}, generation=2)
        self.assertEqual(set(self.pick()), {"a", "b", "c"})

    def test_deployments_of_one_channel_divide_its_share(self) -> None:
        self.decide({"x": 0.6, "c": 0.4})
        picker = Picker(self.board, Names({"a": "x", "openai/b": "x"}), clock=self.clock)
        found = {one["model_info"]["id"]: one["litellm_params"]["weight"] for one in picker.pick("chat", self.deployments)}
        self.assertEqual(found, {"a": 0.3, "b": 0.3, "c": 0.4})

    def test_drawing_holds_the_shares_without_weights(self) -> None:
        self.decide({"a": 0.7, "b": 0.3, "c": 0.0})
        for chance, expected in ((0.0, "a"), (0.69, "a"), (0.71, "b"), (0.999, "b")):
            self.assertEqual(self.pick(draw=True, chance=lambda: chance), {expected: 1.0})

    def test_the_newest_generation_stays(self) -> None:
        now = time.time()

        def decision(generation: int, issued: float) -> Decision:
            return Decision("chat", generation, issued, now + 120.0, {"a": 1.0}, {}, self.clock.now + 120.0)

        self.assertTrue(self.board.put("chat", decision(7, now)))
        self.assertFalse(self.board.put("chat", decision(6, now - 5.0)))
        self.assertFalse(self.board.put("chat", decision(7, now)))
        self.assertTrue(self.board.put("chat", decision(1, now + 5.0)), "the store was lost, and numbers begin again")

    def test_names(self) -> None:
        names = Names({"1": "by-id", "openai/x": "by-model"})
        self.assertEqual(names.channel({"id": 1, "foreroute_channel": "own"}, "openai/x"), "by-id")
        self.assertEqual(names.channel({"id": "2", "foreroute_channel": "own"}, "openai/x"), "own")
        self.assertEqual(names.channel({"id": "2"}, "openai/x"), "by-model")
        self.assertEqual(names.channel({"id": "2"}, "openai/y"), "2")
        self.assertEqual(names.channel(None, "openai/y"), "openai/y")


if __name__ == "__main__":
    unittest.main()
