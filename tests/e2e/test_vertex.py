# SPDX-License-Identifier: GPL-3.0-or-later
"""Google's cloud through the real daemon: a service account's file, pasted into the vault as it was
downloaded, opens Gemini and Claude; one exchange serves them all."""

import http.client
import json
import os
import subprocess
import sys
import threading
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tools"))

from fake import Fake  # noqa: E402
from fakeprovider import vertex  # noqa: E402
from gateway import Gateway  # noqa: E402

GEMINI = {"contents": [{"role": "user", "parts": [{"text": "one two"}]}]}
CLAUDE = {"model": "claude-v", "max_tokens": 50, "messages": [{"role": "user", "content": "one two"}]}
PARENT = "/v1/projects/p-1/locations/us-east5/publishers/"


class Vertex(unittest.TestCase):
    def setUp(self):
        self.fake = Fake()
        self.addCleanup(self.fake.stop)
        self.account = vertex.account("https://elsewhere.example/token")
        self.gateway = Gateway(environment={"ACCOUNT": self.account, "EXPRESS": "AIza-express"})
        self.addCleanup(self.gateway.__exit__)

    def channel(self, name, key, models, *more):
        return self.gateway.channel(name, "vertex", self.fake.url, key, models, *more)

    def cloud(self, *more):
        self.channel("cloud", "ACCOUNT", ["gemini-v", "claude-v", "meta/llama-v"],
                     "--option", "project=p-1,location=us-east5,token_uri=%s/token" % self.fake.url, *more)

    def start(self):
        self.gateway.start()
        self.token = self.gateway.token("ci")

    def post(self, path, body):
        host, port = self.gateway.url.rpartition("//")[2].rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=60)
        try:
            connection.request("POST", path, json.dumps(body), {
                "Authorization": "Bearer " + self.token, "Content-Type": "application/json",
                "anthropic-version": "2023-06-01"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def good(self, path, body):
        status, text = self.post(path, body)
        self.assertEqual(status, 200, text)
        return text

    def targets(self):
        return [hit["target"] for hit in self.fake.hits()]

    def test_both_makers_whole_and_streamed(self):
        self.cloud()
        self.start()
        whole = json.loads(self.good("/v1beta/models/gemini-v:generateContent", GEMINI))
        self.assertEqual(whole["candidates"][0]["content"]["parts"][0]["text"], "echo: one two")
        streamed = self.good("/v1beta/models/gemini-v:streamGenerateContent?alt=sse", GEMINI)
        self.assertIn(b"echo", streamed)
        whole = json.loads(self.good("/v1/messages", CLAUDE))
        self.assertEqual(whole["content"][0]["text"], "echo: one two")
        streamed = self.good("/v1/messages", dict(CLAUDE, stream=True))
        self.assertIn(b"event: message_stop", streamed)
        counted = json.loads(self.good("/v1/messages/count_tokens",
                                       {"model": "claude-v", "messages": CLAUDE["messages"]}))
        self.assertEqual(counted["input_tokens"], 2)
        self.assertEqual(self.targets(), [
            "/token",
            PARENT + "google/models/gemini-v:generateContent",
            PARENT + "google/models/gemini-v:streamGenerateContent?alt=sse",
            PARENT + "anthropic/models/claude-v:rawPredict",
            PARENT + "anthropic/models/claude-v:streamRawPredict",
            PARENT + "anthropic/models/count-tokens:rawPredict"])
        for hit in self.fake.hits()[1:]:
            self.assertEqual((hit["key"], hit["carrier"]), (vertex.TOKEN, "authorization"))

    def test_other_clients_are_translated_for_each_maker(self):
        self.cloud()
        self.start()
        asked = {"messages": [{"role": "user", "content": "one two"}]}
        for model, end in (("gemini-v", "google/models/gemini-v:generateContent"),
                           ("claude-v", "anthropic/models/claude-v:rawPredict")):
            answer = json.loads(self.good("/v1/chat/completions", dict(asked, model=model)))
            self.assertEqual(answer["choices"][0]["message"]["content"], "echo: one two")
            self.assertEqual(self.targets()[-1], PARENT + end)
        self.good("/v1/chat/completions", dict(asked, model="meta/llama-v"))
        self.assertEqual(self.targets()[-1],
                         "/v1/projects/p-1/locations/us-east5/endpoints/openapi/chat/completions")

    def test_many_at_once_wait_for_one_exchange(self):
        self.cloud()
        self.start()
        self.fake.script("delay=300", 1, "")
        results = []
        threads = [threading.Thread(target=lambda: results.append(
            self.post("/v1/messages", CLAUDE)[0])) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(results, [200] * 12)
        self.assertEqual(self.targets().count("/token"), 1)

    def test_a_refused_exchange_is_said_and_another_channel_answers(self):
        self.cloud()
        self.start()
        self.fake.script("status=400", 1, "")
        status, text = self.post("/v1/messages", CLAUDE)
        self.assertEqual(status, 502)
        self.assertIn("access token", json.loads(text)["error"]["message"])
        # Remembered for a moment: the next does not try again.
        self.assertEqual(self.post("/v1/messages", CLAUDE)[0], 502)
        self.assertEqual(self.targets(), ["/token"])
        rows = self.gateway.wait_for_requests(2)
        self.assertFalse(rows[0].get("cost_nano_usd") or rows[0].get("cost_nano"))
        self.gateway.run("channel", "add", "spare", "--provider", "anthropic", "--base-url",
                         self.fake.url, "--key-env", "EXPRESS", "--models", "claude-v", "--local",
                         "--priority", "-1")
        self.good("/v1/messages", CLAUDE)
        self.assertEqual(self.targets()[-1], "/v1/messages")

    def test_a_refused_token_is_fetched_anew(self):
        self.cloud()
        self.start()
        self.good("/v1/messages", CLAUDE)
        self.fake.script("status=401", 1, vertex.TOKEN)
        self.assertNotEqual(self.post("/v1/messages", CLAUDE)[0], 200)
        self.good("/v1/messages", CLAUDE)
        self.assertEqual(self.targets().count("/token"), 2)

    def test_express_mode_needs_a_key_alone(self):
        self.channel("express", "EXPRESS", ["gemini-x"])
        self.start()
        self.good("/v1beta/models/gemini-x:generateContent", GEMINI)
        hit = self.fake.hits()[0]
        self.assertEqual(hit["target"], "/v1/publishers/google/models/gemini-x:generateContent")
        self.assertEqual((hit["key"], hit["carrier"]), ("AIza-express", "x-goog-api-key"))

    def test_a_file_does_not_choose_whom_we_call(self):
        self.channel("cloud", "ACCOUNT", ["gemini-v"], "--option", "project=p-1")
        self.start()
        status, text = self.post("/v1beta/models/gemini-v:generateContent", GEMINI)
        self.assertEqual(status, 503)
        self.assertIn("elsewhere.example", json.loads(text)["error"]["message"])
        self.assertEqual(self.fake.hits(), [])

    def test_a_pasted_file_is_taken_as_it_is(self):
        environment = dict(self.gateway.environment, TOLLGATE_VAULT_PASSPHRASE="correct horse")
        added = subprocess.run(
            [self.gateway.program, "channel", "add", "pasted", "--provider", "vertex",
             "--base-url", self.fake.url, "--local", "--models", "gemini-v",
             "--option", "project=p-1,token_uri=%s/token" % self.fake.url, "--key-stdin", "--json"],
            env=environment, input=self.account, capture_output=True, text=True, timeout=60)
        # Without a keychain there is no place for it; what must not happen is that its lines are.
        self.assertNotIn("cannot be sent in a header", added.stderr)
        self.assertTrue(added.returncode == 0 or "keychain" in added.stderr, added.stderr)
        self.assertNotIn("PRIVATE", added.stdout + added.stderr)


if __name__ == "__main__":
    unittest.main()
