# SPDX-License-Identifier: GPL-3.0-or-later
"""The fake provider's own tests, with bare sockets: a test tool that lies would hide what it is for."""

import base64
import gzip
import http.client
import json
import select
import socket
import ssl
import struct
import time
import unittest
import zlib

from fake import Fake
from fakeprovider import options, play


def chat(model="gpt-test", stream=False, text="one two three", **members):
    return dict({"model": model, "stream": stream,
                 "messages": [{"role": "user", "content": text}]}, **members)


def raw_request(path, value, headers=()):
    body = json.dumps(value).encode()
    lines = ["POST %s HTTP/1.1" % path, "Host: fake", "Content-Type: application/json",
             "Authorization: Bearer sk-a", "Content-Length: %d" % len(body)]
    lines += ["%s: %s" % pair for pair in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def unchunk(data):
    """The body of complete chunks, and whether the last chunk came."""
    body, at = b"", 0
    while True:
        end = data.find(b"\r\n", at)
        if end < 0:
            return body, False
        size = int(data[at:end], 16)
        if size == 0:
            return body, True
        body += data[end + 2:end + 2 + size]
        at = end + 2 + size + 2


class Raw:
    """Everything the provider sent for one request, and how it ended."""

    def __init__(self, port, request, seconds=60, limit=1 << 24):
        self.data, self.ended = b"", "open"
        with socket.create_connection(("127.0.0.1", port), 5) as sock:
            sock.sendall(request)
            until = time.monotonic() + seconds
            while len(self.data) < limit:
                readable, _, _ = select.select([sock], [], [], max(0, until - time.monotonic()))
                if not readable:
                    return
                try:
                    block = sock.recv(65536)
                except ConnectionResetError:
                    self.ended = "reset"
                    return
                if not block:
                    self.ended = "closed"
                    return
                self.data += block

    @property
    def head(self):
        return self.data.partition(b"\r\n\r\n")[0]

    @property
    def body(self):
        return self.data.partition(b"\r\n\r\n")[2]


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fake = Fake("--tls")
        cls.addClassCleanup(cls.fake.stop)

    def setUp(self):
        self.fake.reset()

    def post(self, path, value, headers=None, method="POST"):
        connection = http.client.HTTPConnection("127.0.0.1", self.fake.ports["http"], timeout=10)
        try:
            connection.request(method, path, json.dumps(value) if value is not None else None,
                               dict({"Authorization": "Bearer sk-a"}, **(headers or {})))
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def raw(self, do, stream=False, stays=False, **how):
        model = "gpt-test+" + do + ("" if stays else "+keep=close")
        return Raw(self.fake.ports["http"], raw_request(
            "/v1/chat/completions", chat(model, stream)), **how)


class Answers(Case):
    def test_chat_whole_has_exact_usage(self):
        _, _, body = self.post("/v1/chat/completions", chat("gpt-test+cached=2+reasoning=3"))
        value = json.loads(body)
        self.assertEqual(value["choices"][0]["message"]["content"], "echo: one two three")
        self.assertEqual(value["usage"]["prompt_tokens"], 3)
        self.assertEqual(value["usage"]["completion_tokens"], 7)
        self.assertEqual(value["usage"]["prompt_tokens_details"]["cached_tokens"], 2)

    def events(self, path, value, eol=b"\n", headers=None):
        _, kind, body = self.post(path, value, headers)
        self.assertIn("text/event-stream", kind["content-type"])
        blocks = [block for block in body.split(eol + eol) if block]
        return [[line.partition(b": ")[::2] for line in block.split(eol)] for block in blocks]

    def test_chat_stream_has_usage_only_when_asked(self):
        plain = self.events("/v1/chat/completions", chat(stream=True))
        asked = self.events("/v1/chat/completions",
                            chat(stream=True, stream_options={"include_usage": True}))
        self.assertEqual(len(asked), len(plain) + 1)
        self.assertEqual(asked[-1][0][1], b"[DONE]")
        self.assertEqual(json.loads(asked[-2][0][1])["usage"]["total_tokens"], 7)
        words = [json.loads(event[0][1])["choices"][0]["delta"].get("content", "")
                 for event in plain[:-1]]
        self.assertEqual("".join(words), "echo: one two three")

    def test_tool_round(self):
        tool = {"type": "function", "function": {"name": "weather", "parameters": {}}}
        _, _, body = self.post("/v1/chat/completions", chat(tools=[tool]))
        call = json.loads(body)["choices"][0]["message"]["tool_calls"][0]
        self.assertEqual(call["function"]["name"], "weather")
        value = chat(tools=[tool])
        value["messages"] += [{"role": "assistant", "tool_calls": [call]},
                              {"role": "tool", "tool_call_id": "call_1", "content": "rain"}]
        _, _, body = self.post("/v1/chat/completions", value)
        self.assertEqual(json.loads(body)["choices"][0]["message"]["content"], "The tool said: rain")

    def test_messages_stream_names_every_event_by_its_type(self):
        for name, data in self.events("/v1/messages", chat(stream=True)):
            self.assertEqual(name[1].decode(), json.loads(data[1])["type"])

    def test_responses_stream_is_numbered_and_ends_completed(self):
        events = self.events("/v1/responses", {"model": "m", "input": "a b", "stream": True})
        values = [json.loads(data[1]) for _, data in events]
        self.assertEqual([value["sequence_number"] for value in values], list(range(len(values))))
        self.assertEqual(values[-1]["type"], "response.completed")
        self.assertEqual(values[-1]["response"]["usage"]["input_tokens"], 2)

    def test_gemini_streams_as_sse_and_as_an_array(self):
        asked = {"contents": [{"role": "user", "parts": [{"text": "a b"}]}]}
        path = "/v1beta/models/gemini-test:streamGenerateContent"
        events = self.events(path + "?alt=sse", asked, b"\r\n", {"x-goog-api-key": "g"})
        self.assertEqual(len(events), 3)
        _, _, body = self.post(path, asked)
        self.assertEqual(len(json.loads(body)), 3)
        self.assertEqual(json.loads(body)[-1]["usageMetadata"]["promptTokenCount"], 2)

    def test_cohere_ends_its_stream_with_the_usage(self):
        asked = {"model": "command-test", "stream": True,
                 "messages": [{"role": "user", "content": "a b"}]}
        events = self.events("/v2/chat", asked)
        self.assertEqual(dict(events[0])[b"event"], b"message-start")
        last = json.loads(dict(events[-1])[b"data"])
        self.assertEqual(last["type"], "message-end")
        self.assertEqual(last["delta"]["usage"]["tokens"], {"input_tokens": 2, "output_tokens": 3})

    def test_converse_sends_messages_under_checksums(self):
        asked = {"messages": [{"role": "user", "content": [{"text": "a b"}]}]}
        path = "/model/anthropic.claude-test%2Bthink%3D1/converse"
        whole = json.loads(self.post(path, asked)[2])
        self.assertEqual(whole["usage"]["inputTokens"], 2)
        body, types = self.post(path + "-stream", asked)[2], []
        while body:
            total, headers = struct.unpack(">II", body[:8])
            self.assertEqual(zlib.crc32(body[:8]), struct.unpack(">I", body[8:12])[0])
            self.assertEqual(zlib.crc32(body[:total - 4]),
                             struct.unpack(">I", body[total - 4:total])[0])
            types.append(body[12:12 + headers].split(b":event-type\x07")[1][2:].split(b"\r:")[0])
            body = body[total:]
        self.assertEqual(types[0], b"messageStart")
        self.assertEqual(types[-2:], [b"messageStop", b"metadata"])

    def test_embeddings_as_floats_and_base64_agree(self):
        asked = {"model": "embed-test", "input": ["a b", "c"]}
        floats = json.loads(self.post("/v1/embeddings", asked)[2])
        packed = json.loads(self.post("/v1/embeddings", dict(asked, encoding_format="base64"))[2])
        for one, other in zip(floats["data"], packed["data"]):
            blob = base64.b64decode(other["embedding"])
            self.assertEqual(list(struct.unpack("<8f", blob)), one["embedding"])
        self.assertEqual(floats["usage"]["prompt_tokens"], 3)

    def test_counts_models_and_azure_paths(self):
        self.assertEqual(json.loads(self.post("/v1/messages/count_tokens", chat())[2]),
                         {"input_tokens": 3})
        models = json.loads(self.post("/v1/models", None, method="GET")[2])
        self.assertEqual(models["object"], "list")
        status, _, body = self.post("/openai/deployments/gpt-x/chat/completions?api-version=1",
                                    chat(), {"api-key": "az", "Authorization": ""})
        self.assertEqual((status, json.loads(body)["model"]), (200, "gpt-x"))
        self.assertEqual(self.fake.hits()[-1]["carrier"], "api-key")

    def test_usage_oddities(self):
        for name, wanted in (("absent", None), ("negative", -5), ("huge", 2 ** 63),
                             ("string", "3"), ("float", 3.5), ("zero", 0)):
            body = json.loads(self.post("/v1/chat/completions", chat("m+usage=" + name))[2])
            self.assertEqual(body.get("usage", {}).get("prompt_tokens"), wanted, name)


class Scripts(Case):
    def test_script_serves_its_key_for_its_count(self):
        self.fake.script("status=429+retry-after=7", count=2, key="sk-a")
        got = [self.post("/v1/chat/completions", chat()) for _ in range(3)]
        self.assertEqual([status for status, _, _ in got], [429, 429, 200])
        self.assertEqual(got[0][1]["retry-after"], "7")
        self.assertEqual([hit["do"] for hit in self.fake.hits("sk-a")][1], "status=429+retry-after=7")

    def test_count_nought_is_for_ever(self):
        self.fake.script("status=500", count=0)
        self.assertEqual({self.post("/v1/chat/completions", chat())[0] for _ in range(5)}, {500})

    def test_misspelt_words_fail_at_once(self):
        with self.assertRaises(Exception):
            self.fake.script("reset-befroe")

    def test_every_fault_is_implemented(self):
        prepared = {"status", "html-502", "html-200", "error-200", "stream-error", "garbage-json",
                    "garbage-text", "unknown-event", "comments", "cr-only", "crlf", "bom", "split",
                    "glue", "bad-utf8", "json-for-stream", "early-413"}
        self.assertEqual(set(options.FAULTS) - set(play.WAYS), prepared)

    def test_hits_tell_bodies_and_carriers(self):
        self.post("/v1/messages", chat(), {"Authorization": "", "x-api-key": "sk-b"})
        hit = self.fake.hits(body=True)[0]
        self.assertEqual((hit["key"], hit["carrier"]), ("sk-b", "x-api-key"))
        self.assertEqual(json.loads(hit["body"])["messages"][0]["content"], "one two three")

    def test_client_leaving_is_noticed(self):
        self.raw("events-forever=5", True, seconds=1)
        report = self.fake.wait_for(lambda now: now["hits"][0]["outcome"] == "client left")
        self.assertGreater(report["hits"][0]["events_sent"], 0)

    def test_drop_breaks_open_streams(self):
        with socket.create_connection(("127.0.0.1", self.fake.ports["http"]), 5) as sock:
            sock.sendall(raw_request("/v1/chat/completions", chat("m+hang-mid", True)))
            sock.recv(65536)
            self.assertEqual(self.fake.drop(), 1)
            with self.assertRaises(ConnectionResetError):
                while sock.recv(65536):
                    pass


class Faults(Case):
    def test_ways_to_break_off(self):
        for do, stream, ended in (
                ("reset-before", False, "reset"), ("close-before", False, "closed"),
                ("reset-in-head", False, "reset"), ("close-in-head", False, "closed"),
                ("reset-after=2", True, "reset"), ("reset-after", False, "reset"),
                ("short-cl", False, "closed"), ("eof-no-done", True, "closed"),
                ("no-final-chunk", True, "closed"), ("cut-after-done", True, "closed"),
                ("stale-close", False, "closed"), ("bad-status", False, "closed"),
                ("hang", False, "open"), ("hang-mid", True, "open"), ("drip=500", True, "open"),
                ("pause=9000", True, "open"), ("no-done", True, "open")):
            with self.subTest(do):
                seconds = 0.4 if ended == "open" else 60
                self.assertEqual(self.raw(do, stream, stays=True, seconds=seconds).ended, ended)

    def test_nothing_is_sent_before_an_early_break(self):
        self.assertEqual(self.raw("reset-before").data, b"")
        self.assertNotIn(b"\r\n\r\n", self.raw("close-in-head").data)

    def test_streams_that_stop_short(self):
        for do, done, last in (("no-done", False, True), ("cut=2", False, True),
                               ("no-final-chunk", False, False), ("cut-after-done", True, False)):
            with self.subTest(do):
                body, complete = unchunk(self.raw(do, True).body)
                self.assertEqual((b"[DONE]" in body, complete), (done, last))

    def test_short_content_length(self):
        answer = self.raw("short-cl")
        declared = int(answer.head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        self.assertEqual(declared, len(answer.body) + 10)

    def test_odd_streams(self):
        for do, piece in (("garbage-json", b"[oops\n"), ("garbage-text", b"0x17"),
                          ("unknown-event", b"event: surprise"), ("comments", b": keep-alive\n\n"),
                          ("bad-utf8", b"\xff\xc3("), ("stream-error", b'"error"'),
                          ("crlf", b"\r\n\r\n"), ("bom", b"\xef\xbb\xbfdata")):
            with self.subTest(do):
                self.assertIn(piece, unchunk(self.raw(do, True).body)[0])
        self.assertNotIn(b"\n", unchunk(self.raw("cr-only", True).body)[0])
        self.assertNotIn(b"[DONE]", unchunk(self.raw("stream-error", True).body)[0])
        self.assertNotIn(b"chunked", self.raw("json-for-stream", True).head)

    def test_much_and_long(self):
        self.assertGreater(len(self.raw("flood=8000000", True).data), 8000000)
        self.assertGreater(len(self.raw("long-line=3000000", True).data), 3000000)
        self.assertEqual(len(self.raw("html-502").body), 2 << 20)
        self.assertGreater(self.raw("comments-forever=5", True, seconds=2).data.count(b": still"), 5)

    def test_encodings(self):
        self.assertIn(b"choices", gzip.decompress(self.raw("gzip").body))
        self.assertIn(b"choices", zlib.decompress(self.raw("deflate").body))
        self.assertIn(b"choices", gzip.decompress(gzip.decompress(self.raw("double-gzip").body)))
        self.assertTrue(self.raw("wrong-encoding").body.startswith(b"{"))
        self.assertIn(b"Content-Encoding: br", self.raw("claimed-encoding").head)
        with self.assertRaises(EOFError):
            gzip.decompress(self.raw("cut-gzip").body)
        bomb = self.raw("gzip-bomb=67108864", True)
        data, complete = unchunk(bomb.body)
        self.assertTrue(complete)
        self.assertLess(len(data), 1 << 20)
        self.assertEqual(len(gzip.decompress(data)), 64 << 20)

    def test_framing(self):
        for do, piece in (("bad-cl", b"Content-Length: abc"), ("bad-chunk", b"zz\r\n"),
                          ("trailers", b"0\r\nx-sum: 1"), ("nul-header", b"a\0b"),
                          ("crlf-header", b"a\rx-injected"), ("body-204", b"204 No Content"),
                          ("second-answer", b'{"evil":true}')):
            with self.subTest(do):
                self.assertIn(piece, self.raw(do).data)
        self.assertEqual(self.raw("dup-cl").head.count(b"Content-Length"), 2)
        both = self.raw("te-cl").head
        self.assertTrue(b"Content-Length" in both and b"Transfer-Encoding" in both)
        self.assertGreater(len(self.raw("big-header").head), 100 * 1024)
        self.assertEqual(self.raw("many-headers=300").head.count(b"x-h"), 300)
        self.assertEqual(self.raw("storm-1xx=500").data.count(b"103 Early"), 500)

    def test_redirects_point_to_the_canary(self):
        status, headers, _ = self.post("/v1/chat/completions", chat("m+redirect=307"))
        self.assertEqual(status, 307)
        self.assertIn(":%d/" % self.fake.ports["canary"], headers["location"])
        connection = http.client.HTTPConnection("127.0.0.1", self.fake.ports["canary"], timeout=5)
        self.addCleanup(connection.close)
        connection.request("GET", "/x", headers={"Authorization": "Bearer sk-a"})
        connection.getresponse().read()
        self.assertEqual(self.fake.report()["canary"][0]["first_bytes"], "GET /x")

    def test_early_refusal_does_not_wait_for_the_body(self):
        self.fake.script("early-413")
        request = raw_request("/v1/chat/completions", chat())
        answer = Raw(self.fake.ports["http"], request[:request.index(b"\r\n\r\n") + 4])
        self.assertIn(b" 413 ", answer.head)
        self.assertEqual(answer.ended, "closed")

    def test_stale_reset_strikes_the_second_request(self):
        request = raw_request("/v1/chat/completions", chat("m+stale-reset"))
        with socket.create_connection(("127.0.0.1", self.fake.ports["http"]), 5) as sock:
            sock.sendall(request)
            self.assertIn(b" 200 ", sock.recv(65536))
            sock.sendall(request)
            with self.assertRaises(ConnectionResetError):
                sock.recv(65536)
        self.assertEqual(self.fake.report()["count"], 1)

    def test_refused_and_silent_ports(self):
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", self.fake.ports["refused"]), 2)
        with self.assertRaises(TimeoutError):
            socket.create_connection(("127.0.0.1", self.fake.ports["blackhole"]), 0.5)


class Tls(Case):
    def shake(self, port):
        context = ssl.create_default_context(cafile=self.fake.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        with socket.create_connection(("127.0.0.1", self.fake.ports[port]), 2) as sock:
            with context.wrap_socket(sock, server_hostname="127.0.0.1") as tls:
                tls.sendall(raw_request("/v1/chat/completions", chat()))
                return tls.recv(65536)

    def test_good_certificate_serves(self):
        self.assertIn(b" 200 ", self.shake("tls_good"))

    def test_bad_certificates_and_handshakes_are_bad(self):
        for port, reason in (("tls_expired", "expired"), ("tls_wronghost", "mismatch"),
                             ("tls_selfsigned", "self-signed"), ("tls_old", ""),
                             ("tls_garbage", ""), ("tls_close", "EOF")):
            with self.subTest(port), self.assertRaisesRegex(ssl.SSLError, reason):
                self.shake(port)
        with self.assertRaises(TimeoutError):
            self.shake("tls_stall")


if __name__ == "__main__":
    unittest.main()
