# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked for beside text, through the real daemon: embeddings across vendors, pictures, verdicts,
rankings, transcripts and counts."""

import base64
import http.client
import json
import os
import struct
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tools"))

from fake import Fake  # noqa: E402
from gateway import Gateway  # noqa: E402

FORM = (b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nopen\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp3"\r\n\r\n'
        + bytes(range(256)) * 20 + b"\r\n--b--\r\n")


class Besides(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fake = Fake()
        cls.addClassCleanup(cls.fake.stop)
        cls.gateway = Gateway(environment={"KEY_A": "sk-a", "KEY_B": "sk-b", "KEY_C": "sk-c"})
        cls.addClassCleanup(cls.gateway.__exit__)
        models = ["open", "omni-moderation-latest"]
        cls.gateway.channel("main", "openai", cls.fake.url + "/v1", "KEY_A", models)
        cls.gateway.channel("google", "gemini", cls.fake.url, "KEY_B", ["gem"])
        cls.gateway.channel("voyage", "voyage", cls.fake.url + "/v1", "KEY_C", ["rank"])
        cls.gateway.start()
        cls.token = cls.gateway.token("ci")

    def post(self, path, body, kind="application/json"):
        host, port = self.gateway.url.rpartition("//")[2].rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=60)
        try:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            connection.request("POST", path, data, {"Authorization": "Bearer " + self.token,
                                                    "Content-Type": kind})
            answer = connection.getresponse()
            text = answer.read()
            self.assertEqual(answer.status, 200, text)
            return json.loads(text), answer.headers
        finally:
            connection.close()

    def test_embeddings_are_the_same_whoever_asks(self):
        whole, _ = self.post("/v1/embeddings", {"model": "gem", "input": ["one", "two"]})
        coded, _ = self.post("/v1/embeddings", {"model": "gem", "input": ["one", "two"],
                                                "encoding_format": "base64"})
        native, _ = self.post("/v1beta/models/gem:embedContent", {"content": {"parts": [{"text": "two"}]}})
        ollama, _ = self.post("/api/embed", {"model": "gem", "input": "two"})
        old, _ = self.post("/api/embeddings", {"model": "gem", "prompt": "two"})
        numbers = whole["data"][1]["embedding"]
        packed = base64.b64decode(coded["data"][1]["embedding"])
        self.assertEqual(list(struct.unpack("<%df" % len(numbers), packed)), numbers)
        self.assertEqual(native["embedding"]["values"], numbers)
        self.assertEqual(ollama["embeddings"], [numbers])
        self.assertEqual(old["embedding"], numbers)

    def test_gemini_clients_reach_openais_vectors(self):
        asked = {"content": {"parts": [{"text": "two"}]}, "title": "t"}
        native, headers = self.post("/v1beta/models/open:embedContent", asked)
        plain, _ = self.post("/v1/embeddings", {"model": "open", "input": "two"})
        self.assertEqual(native["embedding"]["values"], plain["data"][0]["embedding"])
        self.assertEqual(headers["x-tollgate-dropped"], "title")

    def test_pictures_verdicts_rankings_and_transcripts(self):
        pictures, _ = self.post("/v1/images/generations", {"model": "open", "prompt": "a cat", "n": 2})
        self.assertEqual(len(pictures["data"]), 2)
        verdict, _ = self.post("/v1/moderations", {"input": "hello"})
        self.assertFalse(verdict["results"][0]["flagged"])
        ranking, _ = self.post("/v1/rerank", {"model": "rank", "query": "q", "documents": ["a", "b"]})
        self.assertIn("results", ranking)
        kind = "multipart/form-data; boundary=b"
        for path in ("/v1/audio/transcriptions", "/v1/audio/translations"):
            transcript, _ = self.post(path, FORM, kind)
            self.assertEqual(transcript["text"], "Hello.")

    def test_counts_are_told_or_estimated(self):
        told, headers = self.post("/v1/responses/input_tokens", {"model": "open", "input": "hello there"})
        self.assertIsNone(headers["x-tollgate-estimated"])
        self.assertGreater(told["input_tokens"], 0)
        turns = [{"role": "user", "content": "hello there"}]
        guess, headers = self.post("/v1/messages/count_tokens", {"model": "open", "messages": turns})
        self.assertEqual(headers["x-tollgate-estimated"], "true")
        self.assertGreater(guess["input_tokens"], 1)


if __name__ == "__main__":
    unittest.main()
