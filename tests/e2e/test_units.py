# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures, seconds, letters and searches by the catalogue's prices, and files by URL, through the real
daemon."""

import base64
import http.client
import http.server
import json
import os
import sys
import threading
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tools"))

from fake import Fake  # noqa: E402
from gateway import Gateway  # noqa: E402

PNG = b"\x89PNG\r\n\x1a\n" + b"a picture of a cat"
FORM = "multipart/form-data; boundary=b"


def form(model):
    return (b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\n' + model.encode()
            + b'\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp3"\r\n\r\n'
            + bytes(range(256)) * 20 + b"\r\n--b--\r\n")


class Files(http.server.BaseHTTPRequestHandler):
    asked = []

    def do_GET(self):
        self.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(len(PNG)))
        self.end_headers()
        self.wfile.write(PNG)

    def log_message(self, *_):
        pass


class Units(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fake = Fake()
        cls.addClassCleanup(cls.fake.stop)
        cls.files = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)
        threading.Thread(target=cls.files.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.files.server_close)
        cls.addClassCleanup(cls.files.shutdown)
        cls.host = "127.0.0.1:%d" % cls.files.server_address[1]
        cls.gateway = Gateway(environment={"KEY_A": "sk-a", "KEY_B": "sk-b", "KEY_C": "sk-c"})
        cls.addClassCleanup(cls.gateway.__exit__)
        cls.gateway.channel("open", "openai", cls.fake.url + "/v1", "KEY_A",
                            ["dall-e-3", "tts-1", "whisper-1"])
        cls.gateway.channel("cohere", "cohere", cls.fake.url, "KEY_B", ["rerank-v3.5"])
        cls.gateway.channel("google", "gemini", cls.fake.url, "KEY_C", ["gemini-2.5-flash"])
        cls.gateway.run("settings", "set", "media.local_hosts", cls.host)
        cls.gateway.start()
        cls.token = cls.gateway.token("ci", "--budget", "1.00")

    def post(self, path, body, kind="application/json", token=None):
        host, port = self.gateway.url.rpartition("//")[2].rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=60)
        try:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            connection.request("POST", path, data, {"Authorization": "Bearer " + (token or self.token),
                                                    "Content-Type": kind})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def record(self):
        """The last request, and what was logged of it."""
        return self.gateway.requests(1)[0]

    def paid(self, path, body, nano, units, kind="application/json"):
        status, text = self.post(path, body, kind)
        self.assertEqual(status, 200, text)
        row = self.record()
        self.assertEqual(row["charge_nano_usd"], nano, row)
        self.assertEqual(row["units"] | units, row["units"])
        self.assertNotIn("unpriced", row["flags"])
        return row

    def test_each_unit_costs_what_the_catalogue_says(self):
        self.paid("/v1/images/generations", {"model": "dall-e-3", "prompt": "a cat", "n": 2},
                  80_000_000, {"images": 2})
        self.paid("/v1/images/generations", {"model": "dall-e-3", "prompt": "a cat", "quality": "hd",
                                             "size": "1024x1792"},
                  120_000_000, {"images": 1, "image_class": "hd/1024x1792"})
        self.paid("/v1/audio/speech", {"model": "tts-1", "input": "Grüße", "voice": "alloy"},
                  5 * 15_000, {"characters": 5})
        self.paid("/v1/audio/translations", form("whisper-1"), 400_000, {"audio_input_ms": 4000}, FORM)
        guessed = self.paid("/v1/audio/transcriptions", form("whisper-1"), 100_000,
                            {"audio_input_ms": 1000}, FORM)
        self.assertIn("estimated", guessed["flags"])
        self.paid("/v2/rerank", {"model": "rerank-v3.5", "query": "q", "documents": ["a", "b"]},
                  2_000_000, {"searches": 1})
        rows = {row["key"]: row for row in self.gateway.json("usage", "--by", "model")["rows"]}
        self.assertEqual(rows["dall-e-3"]["units"], {"images": 3})
        self.assertEqual(rows["whisper-1"]["units"], {"audio_input_ms": 5000})
        self.assertEqual(rows["rerank-v3.5"]["cost_nano_usd"], 2_000_000)

    def test_a_budget_below_the_picture_refuses_it(self):
        poor = self.gateway.token("poor", "--budget", "0.03")
        before = self.fake.report(since=1 << 40)["count"]
        status, _ = self.post("/v1/images/generations", {"model": "dall-e-3", "prompt": "a"}, token=poor)
        self.assertEqual(status, 402)
        self.assertEqual(self.fake.report(since=1 << 40)["count"], before)

    def ask_about(self, url):
        return self.post("/v1/chat/completions", {"model": "gemini-2.5-flash", "messages": [
            {"role": "user", "content": [{"type": "text", "text": "what is this?"},
                                         {"type": "image_url", "image_url": {"url": url}}]}]})

    def test_a_picture_by_url_reaches_a_vendor_that_fetches_none(self):
        status, text = self.ask_about("http://%s/cat?secret=1" % self.host)
        self.assertEqual(status, 200, text)
        self.assertIn("/cat?secret=1", Files.asked)
        row = self.record()
        reason = row["attempts"][-1]["reason"]
        self.assertIn("with 1 file from 127.0.0.1", reason)
        self.assertNotIn("secret", json.dumps(row))
        hit = self.fake.hits(body=True)[-1]
        self.assertIn(base64.b64encode(PNG).decode(), json.dumps(hit))

    def test_a_private_address_is_refused(self):
        for url in ("http://127.0.0.1:%d/" % (self.files.server_address[1] + 1),
                    "http://localhost:%d/" % self.files.server_address[1], "http://169.254.169.254/latest"):
            status, text = self.ask_about(url)
            self.assertEqual(status, 400, text)
            error = json.loads(text)["error"]
            self.assertEqual(error["code"], "media_denied")
            self.assertIn("image 1 of 1", error["message"])


if __name__ == "__main__":
    unittest.main()
