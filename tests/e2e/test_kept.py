# SPDX-License-Identifier: GPL-3.0-or-later
"""Files and batches through the real daemon: kept by the key that made them, shown to their owner alone,
paid for when the vendor tells what was used."""

import http.client
import json
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tools"))

from fake import Fake  # noqa: E402
from gateway import Gateway  # noqa: E402

LINES = b"".join(json.dumps({"custom_id": str(n), "method": "POST", "url": "/v1/chat/completions",
                             "body": {"model": "mine", "messages": []}}).encode() + b"\n"
                 for n in range(3))
VERSION = {"anthropic-version": "2023-06-01"}


def form(content, purpose):
    return (b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n' + purpose.encode()
            + b'\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
            b'Content-Type: text/plain\r\n\r\n' + content + b"\r\n--b--\r\n")


def cost(row):
    return row["cost_nano_usd"] if "cost_nano_usd" in row else row["cost_nano"]


class Kept(unittest.TestCase):
    def setUp(self):
        self.fake = Fake()
        self.addCleanup(self.fake.stop)
        self.gateway = Gateway(environment={"KEY_A": "sk-a", "KEY_B": "sk-b", "KEY_C": "sk-ant-c"})
        self.addCleanup(self.gateway.__exit__)
        for name, key in (("first", "KEY_A"), ("second", "KEY_B")):
            self.gateway.channel(name, "openai", self.fake.url + "/v1", key, ["gpt-5.4"],
                                 "--map", "mine=gpt-5.4")
        self.gateway.channel("claude", "anthropic", self.fake.url, "KEY_C", ["claude-opus-4-5"])
        self.gateway.start()
        self.alice = self.gateway.token("alice")
        self.bob = self.gateway.token("bob")

    def call(self, method, path, body=None, token=None, headers=None):
        host, port = self.gateway.url.rpartition("//")[2].rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=60)
        try:
            kind = "application/json"
            if isinstance(body, bytes):
                kind = "multipart/form-data; boundary=b"
            elif body is not None:
                body = json.dumps(body)
            connection.request(method, path, body, {
                "Authorization": "Bearer " + (token or self.alice), "Content-Type": kind,
                **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def good(self, *arguments, **more):
        status, text = self.call(*arguments, **more)
        self.assertEqual(status, 200, text)
        return json.loads(text)

    def result_rows(self, count):
        return [row for row in self.gateway.wait_for_requests(count)
                if row["operation"] == "batch_result"]

    def test_a_files_whole_life(self):
        content = bytes(range(256)) * 40
        made = self.good("POST", "/v1/files", form(content, "user_data"))
        self.assertEqual(made["bytes"], len(content))
        home = self.fake.hits()[-1]["key"]
        for _ in range(6):
            self.assertEqual(self.good("GET", "/v1/files/" + made["id"])["id"], made["id"])
            self.assertEqual(self.fake.hits()[-1]["key"], home)
        status, text = self.call("GET", "/v1/files/%s/content" % made["id"])
        self.assertEqual((status, text), (200, content))
        self.assertEqual([one["id"] for one in self.good("GET", "/v1/files")["data"]], [made["id"]])
        before = self.fake.report()["count"]
        for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/content")):
            status, _ = self.call(method, "/v1/files/%s%s" % (made["id"], path), token=self.bob)
            self.assertEqual(status, 404)
        self.assertEqual(self.good("GET", "/v1/files", token=self.bob)["data"], [])
        self.assertEqual(self.fake.report()["count"], before)
        self.assertTrue(self.good("DELETE", "/v1/files/" + made["id"])["deleted"])
        self.assertEqual(self.call("GET", "/v1/files/" + made["id"])[0], 404)

    def test_what_is_kept_survives_a_restart(self):
        made = self.good("POST", "/v1/files", form(b"x", "user_data"))
        home = self.fake.hits()[-1]["key"]
        self.assertEqual(self.gateway.stop(), 0)
        self.gateway.start()
        self.good("GET", "/v1/files/" + made["id"])
        self.assertEqual(self.fake.hits()[-1]["key"], home)

    def test_a_batch_of_files(self):
        made = self.good("POST", "/v1/files", form(LINES, "batch"))
        uploaded = self.fake.hits(body=True)[-1]["body"]
        self.assertEqual(uploaded.count('"gpt-5.4"'), 3)  # the vendor's name, not ours
        batch = self.good("POST", "/v1/batches", {
            "input_file_id": made["id"], "endpoint": "/v1/chat/completions", "completion_window": "24h"})
        self.assertEqual(batch["status"], "validating")
        home = self.fake.hits()[-1]["key"]
        listed = self.good("GET", "/v1/batches")["data"]
        self.assertEqual([one["status"] for one in listed], ["completed"])
        done = self.good("GET", "/v1/batches/" + batch["id"])
        self.assertEqual(self.fake.hits()[-1]["key"], home)
        status, output = self.call("GET", "/v1/files/%s/content" % done["output_file_id"])
        self.assertEqual((status, output.count(b"\n")), (200, 3))
        self.assertEqual(self.call("GET", "/v1/batches/" + batch["id"], token=self.bob)[0], 404)
        rows = self.result_rows(6)
        self.assertEqual(len(rows), 1)
        self.assertEqual(rows[0]["model"], "gpt-5.4")
        self.assertGreater(cost(rows[0]), 0)
        self.assertEqual(rows[0]["input_tokens"], 30)
        check = self.gateway.run("doctor", "--json", check=False)
        self.assertNotIn("I7", check.stdout)

    def test_a_batch_of_messages(self):
        batch = self.good("POST", "/v1/messages/batches", {"requests": [
            {"custom_id": str(n), "params": {"model": "claude-opus-4-5", "max_tokens": 5, "messages": []}}
            for n in range(2)]}, headers=VERSION)
        shown = self.good("GET", "/v1/messages/batches/" + batch["id"], headers=VERSION)
        self.assertEqual(shown["results_url"],
                         "%s/v1/messages/batches/%s/results" % (self.gateway.url, batch["id"]))
        for _ in range(2):
            status, results = self.call("GET", "/v1/messages/batches/%s/results" % batch["id"],
                                        headers=VERSION)
            self.assertEqual((status, results.count(b"\n")), (200, 2))
        status, text = self.call("GET", "/v1/messages/batches/" + batch["id"], token=self.bob,
                                 headers=VERSION)
        self.assertEqual(status, 404)
        self.assertEqual(json.loads(text)["error"]["type"], "not_found_error")
        rows = self.result_rows(5)
        self.assertEqual(len(rows), 1)
        # Opus costs 5 and 25 USD a million; a batch half of it: 20 and 4 tokens.
        self.assertEqual(cost(rows[0]), (20 * 5_000 + 4 * 25_000) // 2)

    def test_anthropics_files_are_not_openais(self):
        made = self.good("POST", "/v1/files", form(b"hello", "x"), headers=VERSION)
        self.assertEqual(made["type"], "file")
        self.assertEqual(self.fake.hits()[-1]["key"], "sk-ant-c")
        self.assertEqual(self.good("GET", "/v1/files")["data"], [])
        listed = self.good("GET", "/v1/files", headers=VERSION)
        self.assertEqual([one["id"] for one in listed["data"]], [made["id"]])
        self.assertEqual(listed["first_id"], made["id"])

    def test_a_large_upload_arrives(self):
        content = os.urandom(1 << 20) * 40  # more than any other body may have
        made = self.good("POST", "/v1/files", form(content, "user_data"))
        self.assertEqual(made["bytes"], len(content))
        status, text = self.call("GET", "/v1/files/%s/content" % made["id"])
        self.assertEqual((status, text == content), (200, True))

    def test_a_budget_starts_no_batch(self):
        poor = self.gateway.token("poor", "--budget", "10/month")
        made = self.good("POST", "/v1/files", form(LINES, "batch"), token=poor)
        status, text = self.call("POST", "/v1/batches", {"input_file_id": made["id"]}, token=poor)
        self.assertEqual(status, 403)
        self.assertIn("budget", json.loads(text)["error"]["message"])


if __name__ == "__main__":
    unittest.main()
