# SPDX-License-Identifier: GPL-3.0-or-later
"""What a translation must know of its vendor, through the real daemon: who thinks aloud, who answers
long requests as streams only, and what cannot be asked of whom."""

import http.client
import json
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tools"))

from fake import Fake  # noqa: E402
from gateway import Gateway  # noqa: E402

ALOUD = "text=<think>let_me_see</think>four"


def asked(model, stream=False, most=4000):
    return {"model": model, "max_tokens": most, "stream": stream,
            "thinking": {"type": "enabled", "budget_tokens": 2000},
            "messages": [{"role": "user", "content": "two and two"}]}


class Translated(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fake = Fake()
        cls.addClassCleanup(cls.fake.stop)
        cls.gateway = Gateway(environment={"KEY": "sk-a"})
        cls.addClassCleanup(cls.gateway.__exit__)
        base = cls.fake.url + "/v1"
        cls.gateway.channel("plain", "xiaomi", base, "KEY", ["plain"])
        cls.gateway.channel("wanted", "xiaomi", base, "KEY", ["wanted"],
                            "--option", "think_tags=on")
        cls.gateway.channel("usual", "vllm", base, "KEY", ["usual"])
        cls.gateway.channel("unwanted", "vllm", base, "KEY", ["unwanted"],
                            "--option", "think_tags=off")
        cls.gateway.channel("claude", "anthropic", cls.fake.url, "KEY", ["claude-test"])
        cls.gateway.channel("qwen", "alibaba", base, "KEY", ["qwq-plus", "qwen-plus"])
        cls.gateway.start()
        cls.token = cls.gateway.token("ci")

    def setUp(self):
        self.fake.reset()

    def post(self, path, body, status=200):
        host, port = self.gateway.url.rpartition("//")[2].rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=60)
        try:
            connection.request("POST", path, json.dumps(body).encode(), {
                "Authorization": "Bearer " + self.token, "Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
            self.assertEqual(answer.status, status, text)
            return text
        finally:
            connection.close()

    def sent(self):
        return json.loads(self.fake.hits(body=True)[-1]["body"])

    def test_who_thinks_aloud_is_read_so(self):
        for model, aloud in (("plain", False), ("wanted", True), ("usual", True),
                             ("unwanted", False)):
            with self.subTest(model):
                self.fake.script(ALOUD, count=2)
                whole = json.loads(self.post("/v1/messages", asked(model)))
                texts = [block.get("text") for block in whole["content"] if block["type"] == "text"]
                thoughts = [block["thinking"] for block in whole["content"]
                            if block["type"] == "thinking"]
                self.assertEqual(thoughts, ["let me see"] if aloud else [])
                self.assertEqual(texts, ["four" if aloud else "<think>let me see</think>four"])
                stream = self.post("/v1/messages", asked(model, stream=True))
                self.assertEqual(b"thinking_delta" in stream, aloud)
                self.assertEqual(b"<think>" in stream, not aloud)
                self.assertIn(b"four", stream)

    def test_a_long_answer_is_streamed_by_its_vendor_and_told_whole(self):
        whole = json.loads(self.post("/v1/messages", asked("claude-test", most=64000)))
        self.assertIs(self.sent()["stream"], True)
        self.assertEqual(whole["content"], [{"type": "text", "text": "echo: two and two"}])
        self.assertEqual(whole["stop_reason"], "end_turn")
        self.assertEqual(whole["usage"]["output_tokens"], 4)
        chat = json.loads(self.post("/v1/chat/completions", {
            "model": "claude-test", "max_tokens": 30000,
            "messages": [{"role": "user", "content": "a b"}]}))
        self.assertIs(self.sent()["stream"], True)
        self.assertEqual(chat["choices"][0]["message"]["content"], "echo: a b")
        self.assertEqual(chat["usage"]["prompt_tokens"], 2)
        self.post("/v1/messages", asked("claude-test", most=21333))
        self.assertIs(self.sent()["stream"], False)

    def test_a_model_that_only_streams_is_asked_for_a_stream(self):
        body = {"model": "qwq-plus", "messages": [{"role": "user", "content": "a b"}]}
        whole = json.loads(self.post("/v1/chat/completions", body))
        self.assertIs(self.sent()["stream"], True)
        self.assertIs(self.sent()["stream_options"]["include_usage"], True)
        self.assertEqual(whole["object"], "chat.completion")
        self.assertEqual(whole["choices"][0]["message"]["content"], "echo: a b")
        self.assertEqual(whole["usage"]["prompt_tokens"], 2)
        self.post("/v1/chat/completions", dict(body, model="qwen-plus"))
        self.assertNotIn("stream", self.sent())

    def test_a_long_answer_that_breaks_off_is_an_error(self):
        self.fake.script("cut=3")
        told = json.loads(self.post("/v1/messages", asked("claude-test", most=64000), status=502))
        self.assertEqual(told["type"], "error")

    def test_what_only_ollama_does_is_refused(self):
        for extra in ({"suffix": "return x"}, {"raw": True}):
            told = self.post("/api/generate", dict(extra, model="plain", prompt="x"), status=400)
            self.assertIn(next(iter(extra)), json.loads(told)["error"])
        self.assertEqual(self.fake.hits(), [])

    def test_slashes_at_the_end_of_a_base_url_are_forgiven(self):
        for base in ("/", "/v1/", "/v1/v1/", "//v1"):
            self.post(base + "/messages", asked("plain"))


if __name__ == "__main__":
    unittest.main()
