# SPDX-License-Identifier: GPL-3.0-or-later
"""What the daemon promises to those who run it: starting, stopping, reloading, who may come in and how
far, and which channel answers."""

import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import ssl
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tools"))

from fake import Fake  # noqa: E402
from fakeprovider import certificates  # noqa: E402
from gateway import Gateway  # noqa: E402
from ledgerfile import RELEASED, SETTLED, LedgerFile  # noqa: E402
from volley import Shot, Volley, chat_body, request_bytes, together  # noqa: E402

CHAT = "/v1/chat/completions"


class Story(unittest.TestCase):
    def setUp(self):
        self.fake = Fake()
        self.addCleanup(self.fake.stop)
        self.gateway = Gateway(environment={"KEY_A": "sk-a", "KEY_B": "sk-b", "KEY_C": "sk-c"})
        self.addCleanup(self.gateway.__exit__)

    def channel(self, name="main", key="KEY_A", models=("gpt",), *more, provider="openai"):
        base = self.fake.url + ("/v1" if provider == "openai" else "")
        self.gateway.channel(name, provider, base, key, list(models), *more)

    def shot(self, token, model="gpt", stream=False, headers=(), **members):
        value = chat_body(model, stream, **members)
        return Shot(self.gateway.url, request_bytes(self.gateway.url, token, value, headers=headers))

    def post(self, token, model="gpt", stream=False, headers=(), **members):
        (shot,) = together([self.shot(token, model, stream, headers, **members)])
        return shot

    def get(self, path, headers=None):
        host, port = self.gateway.url.rpartition("//")[2].rsplit(":", 1)
        connection = http.client.HTTPConnection(host.strip("[]"), int(port), timeout=60)
        try:
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def begin_stream(self, token, model="gpt"):
        """A stream whose first event has arrived."""
        shot = self.shot(token, model, True)
        shot.fire()
        volley = Volley()
        self.addCleanup(volley.close)
        volley.add(shot)
        until = time.monotonic() + 60
        while b"data:" not in shot.data and time.monotonic() < until:
            volley.poll(0.05)
        self.assertIn(b"data:", shot.data)
        return shot, volley

    def exit_code(self):
        """Of a daemon that has been told to stop."""
        code = self.gateway._process.wait(90)
        self.gateway.kill()
        return code

    def message(self, shot):
        return json.loads(shot.body)["error"]["message"]


class Running(Story):
    def test_restart_keeps_everything(self):
        self.channel()
        self.gateway.start()
        token = self.gateway.token("ci", "--budget", "5/month", "--rpm", "600")
        self.gateway.run("settings", "set", "log.keep_days", "31")
        self.gateway.run("price", "set", "gpt", "--input", "1", "--output", "2")
        self.assertEqual(self.post(token).status, 200)
        self.gateway.wait_for_requests(1)
        before = self.everything()
        self.assertEqual(self.gateway.stop(), 0)
        self.assertEqual(self.everything(), before)
        self.gateway.start()
        self.assertEqual(self.everything(), before)
        self.assertEqual(self.post(token).status, 200)

    def everything(self):
        told = [self.gateway.json(*words) for words in (
            ("token", "list"), ("channel", "list"), ("settings", "get", "log.keep_days"), ("log",),
            ("usage",), ("audit",), ("price", "list", "gpt", "--user"))]
        for channel in told[1]["channels"]:
            for key in channel["keys"]:
                key.pop("cooldown_us", None)  # these two only a running daemon knows
                key.pop("state", None)
        return told

    def test_ready_means_that_the_first_request_is_served(self):
        self.channel()
        token = self.gateway.token("ci")
        for _ in range(10):
            self.gateway.start()
            self.assertEqual(self.post(token).status, 200)
            self.gateway.kill()

    def test_terminate_lets_a_stream_end(self):
        self.channel("main", "KEY_A", ["gpt"], "--map", "gpt=gpt+events=20+pace=50+in=7+out=9")
        self.gateway.run("price", "set", "gpt+events=20+pace=50+in=7+out=9", "--input", "1", "--output", "1")
        self.gateway.start()
        shot, volley = self.begin_stream(self.gateway.token("ci", "--budget", "1"))
        os.kill(self.gateway.pid, signal.SIGTERM)
        volley.land(60)
        self.assertTrue(shot.whole, shot.data[-300:])
        self.assertEqual(self.exit_code(), 0)
        with LedgerFile(self.gateway.profile) as ledger:
            self.assertEqual(ledger.rows("SELECT state, charge FROM attempts"),
                             [{"state": SETTLED, "charge": 16_000}])

    def test_terminate_ends_what_will_not_end(self):
        self.channel("main", "KEY_A", ["gpt"], "--map", "gpt=gpt+events-forever=30")
        self.gateway.start()
        self.gateway.run("settings", "set", "gateway.drain", "1")  # holds from now on
        token = self.gateway.token("ci", "--budget", "1")
        shot, volley = self.begin_stream(token)
        os.kill(self.gateway.pid, signal.SIGTERM)
        with self.assertRaises(OSError):  # nobody new
            until = time.monotonic() + 60
            while time.monotonic() < until:
                self.shot(token).sock.close()
                time.sleep(0.02)
        volley.land(60)
        self.assertTrue(shot.complete)
        self.assertNotIn(b"[DONE]", shot.body)
        last = [line for line in shot.body.decode().splitlines() if line.startswith("data:")][-1]
        self.assertIn("shutting down", json.loads(last[5:])["error"]["message"])
        self.assertEqual(self.exit_code(), 0)
        with LedgerFile(self.gateway.profile) as ledger:
            self.assertEqual(ledger.rows("SELECT state FROM attempts"), [{"state": SETTLED}])
            self.assertEqual(ledger.one("SELECT sum(reserved) FROM budget_windows"), 0)

    def test_asked_again_it_ends_at_once_and_in_order(self):
        self.channel("main", "KEY_A", ["gpt"], "--map", "gpt=gpt+events-forever=30")
        self.gateway.start()
        _, volley = self.begin_stream(self.gateway.token("ci", "--budget", "1"))
        began = time.monotonic()
        while self.gateway._process.poll() is None and time.monotonic() - began < 60:
            os.kill(self.gateway.pid, signal.SIGTERM)
            os.kill(self.gateway.pid, signal.SIGHUP)
            time.sleep(0.002)
        self.assertEqual(self.exit_code(), 0)
        volley.land(60)
        with LedgerFile(self.gateway.profile) as ledger:
            self.assertEqual(ledger.rows("SELECT state FROM attempts"), [{"state": SETTLED}])

    def test_hang_up_reads_the_configuration_again(self):
        self.channel()
        self.gateway.start()
        token = self.gateway.token("ci")
        path = os.path.join(self.gateway.profile, "tollgate.db")
        self.assertEqual(self.post(token).status, 200)
        # Behind the daemon's back, as a restore or another tool would.
        with sqlite3.connect(path, timeout=10) as database:
            database.execute("UPDATE channels SET models = replace(models, 'gpt', 'gpt-renamed')")
        database.close()
        self.assertEqual(self.post(token, "gpt-renamed").status, 404)
        self.gateway.hang_up()
        until = time.monotonic() + 60
        while self.post(token, "gpt-renamed").status != 200:
            self.assertLess(time.monotonic(), until)
            time.sleep(0.05)
        self.assertEqual(self.post(token).status, 404)

    def test_second_daemon_refuses_and_leaves_the_first_alone(self):
        self.gateway.start()
        token = self.gateway.token("ci")
        second = self.gateway.run("serve", "--listen", "127.0.0.1:0", check=False)
        self.assertEqual((second.returncode, second.stdout), (1, ""))
        self.assertIn(str(self.gateway.pid), second.stderr)
        self.assertEqual(self.post(token, "demo/echo").status, 200)

    def test_port_in_use_is_named(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            where = "127.0.0.1:%d" % taken.getsockname()[1]
            result = self.gateway.run("serve", "--listen", where, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn(where.rpartition(":")[2], result.stderr)
        self.assertIn("another program has this port", result.stderr)

    def test_another_gateway_on_the_same_port_is_noticed(self):
        # Both would open it with SO_REUSEPORT and share the clients between them.
        self.gateway.start()
        with Gateway() as other:
            where = self.gateway.url.rpartition("/")[2]
            result = other.run("serve", "--listen", where, check=False)
            self.assertEqual(result.returncode, 1)
            self.assertIn("another program has this port", result.stderr)

    def test_first_run_answers_with_the_demo(self):
        self.gateway.start()
        shot = self.post(self.gateway.token("first", "--budget", "1"), "demo/echo", True, text="Hello there")
        self.assertTrue(shot.whole)
        self.assertIn("Hello", re.sub(r'.*?"content":"([^"]*)"', r"\1", shot.body.decode()))
        (row,) = self.gateway.wait_for_requests(1)
        self.assertEqual((row["channel"], row["charge_nano_usd"], row["flags"]), ("demo", 0, []))

    def test_ipv6_listener(self):
        if not socket.has_ipv6 or not os.path.exists("/proc/net/if_inet6"):
            self.skipTest("this machine has no IPv6")
        self.gateway.start("--listen", "[::1]:0")
        self.assertTrue(self.gateway.url.startswith("http://[::1]:"), self.gateway.url)
        token = self.gateway.token("six", "--ip", "::1/128")
        self.assertEqual(self.post(token, "demo/echo").status, 200)
        self.assertEqual(self.gateway.wait_for_requests(1)[0]["client_ip"], "::1")
        self.assertEqual(self.post(self.gateway.token("four", "--ip", "127.0.0.0/8"), "demo/echo").status, 403)

    def test_tls_listener(self):
        with tempfile.TemporaryDirectory() as folder:
            pairs, authority = certificates.make(folder)
            self.gateway.run("settings", "set", "listen.tls_certificate", pairs["good"][0])
            self.gateway.run("settings", "set", "listen.tls_key", pairs["good"][1])
            self.gateway.start()
            self.assertTrue(self.gateway.url.startswith("https://"))
            address = ("127.0.0.1", int(self.gateway.url.rpartition(":")[2]))
            request = request_bytes(self.gateway.url, self.gateway.token("ci"), chat_body("demo/echo"))
            context = ssl.create_default_context(cafile=authority)
            with socket.create_connection(address, 10) as plain:
                with context.wrap_socket(plain, server_hostname="127.0.0.1") as tls:
                    tls.sendall(request)
                    self.assertTrue(tls.recv(65536).startswith(b"HTTP/1.1 200 "))
            with socket.create_connection(address, 10) as plain:
                plain.sendall(request)
                self.assertNotIn(b" 200 ", plain.recv(65536))


class Doors(Story):
    def test_metrics_are_for_their_token_alone(self):
        self.channel()
        self.gateway.start()
        token, reader = self.gateway.token("ci"), self.gateway.token("prometheus", "--metrics")
        self.assertEqual(self.post(token).status, 200)
        as_reader = {"Authorization": "Bearer " + reader}
        status, headers, text = self.get("/metrics", as_reader)
        self.assertEqual(status, 200)
        self.assertIn("version=0.0.4", headers["content-type"])
        values = self.parse(text)
        self.assertEqual(values["tollgate_requests_total{class=\"2xx\"}"], 1)
        self.assertEqual(values["tollgate_attempts_total"], 1)
        self.assertEqual(values["tollgate_requests_running"], 1)  # this very one
        self.assertEqual(values["tollgate_store_writable"], 1)
        self.assertEqual(self.get("/metrics", {"Authorization": "Bearer " + token})[0], 403)
        self.assertEqual(self.get("/metrics")[0], 401)
        self.assertEqual(self.get("/v1/models", as_reader)[0], 403)
        self.assertEqual(self.post(reader).status, 403)

    def parse(self, text):
        """The text format: every sample belongs to a metric declared above it, buckets add up."""
        values, kind, name = {}, None, None
        self.assertTrue(text.endswith("\n"))
        for line in text.splitlines():
            if line.startswith("# HELP "):
                name = line.split(" ")[2]
            elif line.startswith("# TYPE "):
                self.assertEqual(line.split(" ")[2], name)
                kind = line.split(" ")[3]
                self.assertIn(kind, ("counter", "gauge", "histogram"))
            else:
                match = re.fullmatch(r'([a-zA-Z_:][\w:]*)(\{\w+="[^"]*"(?:,\w+="[^"]*")*\})? (-?\d+)', line)
                self.assertIsNotNone(match, line)
                suffix = match.group(1).removeprefix(name)
                self.assertIn(suffix, ("_bucket", "_sum", "_count") if kind == "histogram" else ("",), line)
                sample = match.group(1) + (match.group(2) or "")
                self.assertNotIn(sample, values)
                values[sample] = int(match.group(3))
        buckets = [value for sample, value in values.items() if "_bucket" in sample]
        self.assertEqual(buckets, sorted(buckets))
        self.assertEqual(buckets[-1], values["tollgate_first_token_milliseconds_count"])
        return values

    def raw(self, *lines):
        port = int(self.gateway.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), 5) as sock:
            sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            return int(sock.recv(65536)[9:12])

    def test_foreign_hosts_and_origins_are_turned_away(self):
        self.gateway.run("settings", "set", "listen.hosts", "gateway.example")
        self.gateway.run("settings", "set", "listen.origins", "https://chat.example")
        self.gateway.start()
        port = self.gateway.url.rpartition(":")[2]
        token = "Authorization: Bearer " + self.gateway.token("ci")
        for host, wanted in (("127.0.0.1:" + port, 200), ("localhost:" + port, 200), ("[::1]:" + port, 200),
                             ("gateway.example", 200), ("evil.example", 403), ("evil.example:" + port, 403),
                             ("127.0.0.1:1", 403), ("127.0.0.1.evil.example:" + port, 403), ("a b", 400)):
            self.assertEqual(self.raw("GET /v1/models HTTP/1.1", "Host: " + host, token), wanted, host)
        for origin, wanted in (("https://chat.example", 200), ("https://evil.example", 403), ("null", 403),
                               ("http://127.0.0.1:" + port, 403), ("http://chat.example", 403)):
            for path in ("/v1/models", "/healthz", "/nowhere", "/metrics"):
                got = self.raw("GET %s HTTP/1.1" % path, "Host: 127.0.0.1:" + port, token, "Origin: " + origin)
                if wanted == 403 or path == "/v1/models":
                    self.assertEqual(got, wanted, (origin, path))
        self.assertEqual(self.raw("GET /v1/models HTTP/1.1", token), 400)

    def test_models_in_the_shape_of_who_asks(self):
        self.channel("main", "KEY_A", ["gpt", "gpt-mini"])
        self.channel("claude", "KEY_B", ["claude"], provider="anthropic")
        self.gateway.start()
        token, narrow = self.gateway.token("ci"), self.gateway.token("narrow", "--models", "gpt*")
        _, _, text = self.get("/v1/models", {"Authorization": "Bearer " + token})
        listed = json.loads(text)
        self.assertEqual(listed["object"], "list")
        self.assertEqual({row["id"] for row in listed["data"]} - {"demo/echo"}, {"gpt", "gpt-mini", "claude"})
        self.assertTrue(all(row["object"] == "model" and row["owned_by"] and isinstance(row["created"], int)
                            for row in listed["data"]))
        _, _, text = self.get("/v1/models", {"x-api-key": token, "anthropic-version": "2023-06-01"})
        listed = json.loads(text)
        self.assertEqual(listed["has_more"], False)
        self.assertIn(listed["first_id"], [row["id"] for row in listed["data"]])
        self.assertTrue(all(row["type"] == "model" and row["display_name"] and row["created_at"].endswith("Z")
                            for row in listed["data"]))
        _, _, text = self.get("/v1/models", {"Authorization": "Bearer " + narrow})
        self.assertEqual({row["id"] for row in json.loads(text)["data"]}, {"gpt", "gpt-mini"})
        self.assertEqual(self.get("/v1/models/claude", {"Authorization": "Bearer " + narrow})[0], 404)
        self.assertEqual(self.get("/v1/models/gpt", {"Authorization": "Bearer " + narrow})[0], 200)


class Tokens(Story):
    def setUp(self):
        super().setUp()
        self.channel("main", "KEY_A", ["gpt", "slow", "other"], "--map", "slow=slow+events-forever=20")
        self.gateway.start()

    def test_revoked_token_loses_its_running_stream(self):
        for verb in ("revoke", "disable"):
            token = self.gateway.token("gone-" + verb, "--budget", "1")
            shot, volley = self.begin_stream(token, "slow")
            before = self.fake.report()["count"]
            self.gateway.run("token", verb, "gone-" + verb)
            began = time.monotonic()
            self.assertIn(self.post(token).status, (401, 403))
            volley.land(60)
            took = time.monotonic() - began
            print("token %s: the stream ended after %.0f ms" % (verb, took * 1000))
            self.assertNotIn(b"[DONE]", shot.data)
            self.assertIn(b"error", shot.body.rpartition(b"data:")[2])
            self.fake.wait_for(lambda report: report["hits"][-1]["outcome"] == "client left")
            self.assertEqual(self.fake.report()["count"], before)
        with LedgerFile(self.gateway.profile) as ledger:
            until = time.monotonic() + 60
            while ledger.one("SELECT count(*) FROM attempts WHERE state NOT IN (?, ?)", SETTLED, RELEASED):
                self.assertLess(time.monotonic(), until)
                time.sleep(0.02)

    def test_expired_token_is_out_at_its_time(self):
        token = self.gateway.token("short", "--expires", "4s")
        began = time.monotonic()
        self.assertEqual(self.post(token).status, 200)
        shot, volley = self.begin_stream(token, "slow")
        volley.land(60)
        self.assertGreater(time.monotonic() - began, 1.0)
        self.assertNotIn(b"[DONE]", shot.data)
        refused = self.post(token)
        self.assertEqual(refused.status, 401)
        self.assertIn("expired", self.message(refused))

    def test_models_and_addresses(self):
        token = self.gateway.token("narrow", "--models", "gpt")
        self.assertEqual(self.post(token).status, 200)
        refused = self.post(token, "other")
        self.assertEqual(refused.status, 403)
        self.assertIn("other", self.message(refused))
        self.assertEqual(self.post(self.gateway.token("far", "--ip", "10.0.0.0/8")).status, 403)
        # A forwarded address is believed of nobody who was not named.
        told = (("X-Forwarded-For", "10.0.0.5"),)
        self.assertEqual(self.post(self.gateway.token("told", "--ip", "10.0.0.0/8"), headers=told).status, 403)
        self.gateway.run("settings", "set", "listen.trusted_proxies", "127.0.0.0/8")
        self.assertEqual(self.post(self.gateway.token("proxied", "--ip", "10.0.0.0/8"), headers=told).status, 200)
        self.assertEqual(self.fake.report()["count"], 2)

    def test_requests_a_minute(self):
        token = self.gateway.token("slowly", "--rpm", "5")
        statuses = [shot.status for shot in together([self.shot(token) for _ in range(20)])]
        self.assertEqual((statuses.count(200), statuses.count(429)), (5, 15))
        self.assertTrue(0 < int(self.post(token).header("retry-after")) <= 60)
        self.assertEqual(self.fake.report()["count"], 5)

    def test_tokens_a_minute(self):
        self.fake.default("in=900+out=200")
        token = self.gateway.token("frugal", "--tpm", "3000")
        statuses = [self.post(token, max_tokens=10).status for _ in range(6)]
        # What is booked before is an upper bound of some 2,200, what is left afterwards 1,100.
        self.assertEqual(statuses[0], 200)
        self.assertEqual(statuses[-1], 429)
        self.assertLessEqual(statuses.count(200) * 1100, 3000 + 1100)

    def test_requests_at_a_time(self):
        token = self.gateway.token("few", "--concurrency", "3")
        self.fake.default("delay=2000")
        statuses = [shot.status for shot in together([self.shot(token) for _ in range(12)])]
        self.assertEqual((statuses.count(200), statuses.count(429)), (3, 9))
        self.assertEqual(self.post(token).status, 200)


class Channels(Story):
    def served_by(self, since=0):
        keys = self.fake.report()["by_key"]
        return {name: keys.get(name, 0) for name in ("sk-a", "sk-b", "sk-c")}

    def many(self, count, model="gpt"):
        token = self.gateway.token("many")
        done = []
        for begin in range(0, count, 50):
            done += together([self.shot(token, model) for _ in range(begin, min(begin + 50, count))])
        return [shot.status for shot in done]

    def test_missing_and_locked_keys_are_said(self):
        self.channel("absent", "NOT_SET", ["gpt"])
        self.gateway.start()
        token = self.gateway.token("ci")
        refused = self.post(token)
        self.assertEqual(refused.status, 503)
        self.assertIn("absent", self.message(refused))
        self.gateway.run("vault", "create", stdin="a long passphrase\n")
        self.gateway.run("channel", "add", "sealed", "--provider", "openai", "--base-url",
                         self.fake.url + "/v1", "--key-vault", "--models", "kept", "--local",
                         stdin="sk-sealed\n")
        self.assertEqual(self.post(token, "kept").status, 200)
        self.gateway.stop()
        self.gateway.start()
        refused = self.post(token, "kept")
        self.assertEqual(refused.status, 503)
        self.assertIn("locked", self.message(refused))
        self.assertIn("sealed", self.message(refused))
        self.gateway.run("vault", "unlock", stdin="a long passphrase\n")
        until = time.monotonic() + 60
        while self.post(token, "kept").status != 200:
            self.assertLess(time.monotonic(), until)
            time.sleep(0.02)

    def test_weights_are_weights(self):
        for name, key, weight in (("one", "KEY_A", "1"), ("two", "KEY_B", "3"), ("none", "KEY_C", "6")):
            self.channel(name, key, ["gpt"], "--weight", weight)
        self.gateway.start()
        self.assertEqual(set(self.many(400)), {200})
        served = self.served_by()
        print("400 requests by weights 1, 3, 6:", served)
        # Five standard deviations of a binomial with 400 tries.
        for key, share in (("sk-a", 0.1), ("sk-b", 0.3), ("sk-c", 0.6)):
            self.assertLess(abs(served[key] - 400 * share), 5 * (400 * share * (1 - share)) ** 0.5, served)

    def test_higher_priority_first_and_the_next_when_it_fails(self):
        self.channel("backup", "KEY_B", ["gpt"], "--priority", "1")
        self.channel("first", "KEY_A", ["gpt"], "--priority", "9")
        self.gateway.start()
        self.assertEqual(set(self.many(40)), {200})
        self.assertEqual(self.served_by(), {"sk-a": 40, "sk-b": 0, "sk-c": 0})
        self.fake.script("status=500", count=1, key="sk-a")
        self.assertEqual(self.post(self.gateway.token("one")).status, 200)
        self.assertEqual(self.served_by(), {"sk-a": 41, "sk-b": 1, "sk-c": 0})
        row = self.gateway.wait_for_requests(41)[-1]
        self.assertEqual([(attempt["channel"], attempt["status"]) for attempt in row["attempts"]],
                         [("first", 500), ("backup", 200)])
        self.assertTrue(all("priority" in attempt["reason"] for attempt in row["attempts"]))

    def test_rate_limited_key_rests_as_long_as_it_was_told(self):
        self.channel("backup", "KEY_B", ["gpt"], "--priority", "1")
        self.channel("first", "KEY_A", ["gpt"], "--priority", "9")
        self.gateway.start()
        token = self.gateway.token("ci")
        self.fake.script("status=429+retry-after=5", count=1, key="sk-a")
        began = time.monotonic()
        self.assertEqual(self.post(token).status, 200)
        while time.monotonic() - began < 60 and self.served_by()["sk-a"] == 1:
            self.assertEqual(self.post(token).status, 200)
            time.sleep(0.1)
        self.assertGreater(time.monotonic() - began, 4.9)
        self.assertEqual(self.served_by()["sk-a"], 2)


if __name__ == "__main__":
    unittest.main()
