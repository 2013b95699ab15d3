"""python3 test_verify.py. With FOREROUTE_CAPTURE=FILE, also a request as it was captured: {secret, headers, body}."""

import json
import os
import unittest

from verify import Follower, Refused, seconds, verify

BODY = b'{"a":1}'
HEADERS = {
    "foreroute-timestamp": "1795000000",
    "foreroute-signature": "v1=e026c4beb6a717bd41a9e76b03d06951ed214264b893e4e0fed759e46b243508",
}


class Verify(unittest.TestCase):
    def test_only_fresh_requests_with_the_right_signature_are_believed(self):
        self.assertEqual(verify("hunter2", HEADERS, BODY, 1795000010), {"a": 1})
        for secret, headers, body, now in [
            ("hunter3", HEADERS, BODY, 1795000010),
            ("hunter2", HEADERS, BODY + b" ", 1795000010),
            ("hunter2", HEADERS, BODY, 1795000301),
            ("hunter2", {**HEADERS, "foreroute-timestamp": "1795000001"}, BODY, 1795000010),
            ("hunter2", {**HEADERS, "foreroute-signature": "v1=\u00e9"}, BODY, 1795000010),
            ("hunter2", {}, BODY, 1795000010),
        ]:
            with self.assertRaises(Refused):
                verify(secret, headers, body, now)

    def test_older_generations_are_ignored_and_leases_end(self):
        follower, end = Follower(), "2026-11-20T12:00:00Z"
        now = seconds(end) - 60
        decision = {"class": "chat", "generation": 5, "valid_until": end, "weights": {"eu": 0.0, "us": 1.0}}
        self.assertIsNone(follower.weights("chat", now))
        self.assertTrue(follower.hear(decision, now))
        self.assertTrue(follower.hear(decision, now), "the same again")
        self.assertFalse(follower.hear({**decision, "generation": 4, "weights": {}}, now))
        self.assertEqual(follower.weights("chat", now), {"eu": 0.0, "us": 1.0})
        self.assertIsNone(follower.weights("chat", now + 61), "back to one's own ways")
        self.assertFalse(follower.hear({**decision, "generation": 6}, now + 61), "too late")

    @unittest.skipUnless(os.environ.get("FOREROUTE_CAPTURE"), "no captured request")
    def test_a_real_request_is_believed(self):
        with open(os.environ["FOREROUTE_CAPTURE"], encoding="utf-8") as file:
            captured = json.load(file)
        headers, body = captured["headers"], captured["body"].encode()
        now = int(headers["foreroute-timestamp"]) + 1
        decision = verify(captured["secret"], headers, body, now)
        follower = Follower()
        self.assertTrue(follower.hear(decision, now))
        self.assertAlmostEqual(sum(follower.weights(decision["class"], now).values()), 1.0)
        with self.assertRaises(Refused):
            verify(captured["secret"] + "x", headers, body, now)


if __name__ == "__main__":
    unittest.main()
