# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that must not turn up anywhere but where they belong: each goes through everything that the
program does with it, with every logging category on, and is then looked for in all that was written."""

import base64
import ctypes
import ctypes.util
import http.client
import http.server
import json
import os
import re
import resource
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tools"))

import keyringsession  # noqa: E402
from fake import Fake  # noqa: E402
from fakeprovider import certificates  # noqa: E402
from gateway import Gateway  # noqa: E402
from volley import Shot, chat_body, request_bytes, together  # noqa: E402

ENV_KEY = "sk-proj-" + "EnvCanary7f3a91c2d8e64b05a1f29c"
VAULT_KEY = "c4na" + "7e2b8d60e1f7a94c3d5e6f7a09b1c2d3"  # of no vendor's shape
URL_KEY = "AIza" + "SyUrlCanary9e1c4f82b7d05a63e4f5b6c"
RING_KEY = "sk-ring-" + "RingCanary6d0c2b9f48e7a1d35c7e9b"
RING_PASSPHRASE = "canary ring passphrase 7272"
PASSPHRASE = "canary horse battery staple 5150 vault"
EXPORT_PASSPHRASE = "canary export passphrase 6161 bundle"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
NOBODY = 65534


def unpacked(data):
    """The plain text of all zstd frames within `data`."""
    zstd = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
    zstd.ZSTD_findFrameCompressedSize.restype = ctypes.c_size_t
    zstd.ZSTD_decompress.restype = ctypes.c_size_t
    out, at = [], data.find(ZSTD_MAGIC)
    while at >= 0:
        frame = data[at:]
        size = zstd.ZSTD_findFrameCompressedSize(frame, ctypes.c_size_t(len(frame)))
        if not zstd.ZSTD_isError(ctypes.c_size_t(size)):
            room = ctypes.create_string_buffer(4 << 20)
            length = zstd.ZSTD_decompress(room, ctypes.c_size_t(len(room)), frame, ctypes.c_size_t(size))
            if not zstd.ZSTD_isError(ctypes.c_size_t(length)):
                out.append(room.raw[:length])
        at = data.find(ZSTD_MAGIC, at + 4)
    return b"\n".join(out)


class Quoting(http.server.BaseHTTPRequestHandler):
    """A provider that refuses, and quotes the key it was sent, as some do."""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        key = self.headers["authorization"].partition(" ")[2]
        self.server.answers += 1
        status = (400, 401, 404, 429, 500)[self.server.answers % 5]
        body = json.dumps({"error": {"message": "Key %s is not good" % key, "type": key, "code": key,
                                     "param": "Bearer " + key}}).encode()
        if self.server.answers % 2 and status != 400:
            status, body = 200, body if self.server.answers % 4 == 1 else (
                b'data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\ndata: ' + body + b"\n\n")
        self.send_response(status)
        self.send_header("Content-Type", "text/event-stream" if body[:1] == b"d" else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Canary(unittest.TestCase):
    def setUp(self):
        self.quoting = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quoting)
        self.quoting.daemon_threads = True
        self.quoting.answers = 0
        threading.Thread(target=self.quoting.serve_forever, daemon=True).start()
        self.addCleanup(self.quoting.server_close)
        self.addCleanup(self.quoting.shutdown)
        self.folder = tempfile.TemporaryDirectory(prefix="tollgate-canary-")
        self.addCleanup(self.folder.cleanup)
        self.fake = Fake()
        self.addCleanup(self.fake.stop)
        self.gateway = Gateway(environment={"FAKE_KEY": ENV_KEY, "QT_LOGGING_RULES": "*=true"})
        self.addCleanup(self.gateway.__exit__)
        self.secrets = {"environment key": ENV_KEY, "vault key": VAULT_KEY, "key in a URL": URL_KEY,
                        "vault passphrase": PASSPHRASE, "export passphrase": EXPORT_PASSPHRASE}
        self.said = []  # what commands printed

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def command(self, *arguments, stdin="", check=True):
        result = self.gateway.run(*arguments, stdin=stdin, check=check)
        self.said += [result.stdout, result.stderr]
        return result

    # What the program goes through

    def prepare(self, bodies):
        pairs, self.authority = certificates.make(self.folder.name)
        with open(pairs["good"][1], encoding="ascii") as file:
            self.secrets["TLS private key"] = max(file.read().splitlines(), key=len)
        gateway = self.gateway
        gateway.run("settings", "set", "listen.tls_certificate", pairs["good"][0])
        gateway.run("settings", "set", "listen.tls_key", pairs["good"][1])
        gateway.run("settings", "set", "log.bodies", "yes" if bodies else "no")
        gateway.channel("env", "openai", self.fake.url + "/v1", "FAKE_KEY", ["gpt"])
        gateway.start()
        self.command("vault", "create", stdin=PASSPHRASE + "\n")
        self.command("channel", "add", "vault", "--provider", "gemini", "--base-url", self.fake.url,
                     "--key-vault", "--models", "gemini", "--local", stdin=VAULT_KEY + "\n")
        for name, key in (("env", ENV_KEY), ("vault", VAULT_KEY)):
            where = ("--key-env", "FAKE_KEY") if name == "env" else ("--key-vault",)
            self.command("channel", "add", "quoting-" + name, "--provider", "openai", "--base-url",
                         "http://127.0.0.1:%d/v1" % self.quoting.server_port, *where, "--models",
                         "quoting-" + name, "--local", stdin=key + "\n")
        self.token = gateway.token("main", "--budget", "5")
        self.url_token = gateway.token("url")
        self.metrics = gateway.token("metrics", "--metrics")
        self.secrets.update({"token": self.token, "token in a URL": self.url_token,
                             "metrics token": self.metrics})

    def ask(self, method, path, value=None, headers=None):
        context = ssl.create_default_context(cafile=self.authority)
        host, port = self.gateway.url.rpartition("//")[2].rsplit(":", 1)
        connection = http.client.HTTPSConnection(host, int(port), timeout=60, context=context)
        try:
            connection.request(method, path, None if value is None else json.dumps(value),
                               dict({"Content-Type": "application/json"}, **(headers or {})))
            answer = connection.getresponse()
            body = answer.read()
            self.answers.append((answer.status, str(answer.headers), body.decode("utf-8", "replace")))
            return answer.status
        finally:
            connection.close()

    def through_all_carriers(self):
        gemini = {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}
        generate = "/v1beta/models/gemini:generateContent"
        bearer = {"Authorization": "Bearer " + self.token}
        got = [self.ask("POST", "/v1/chat/completions", chat_body("gpt"), bearer),
               self.ask("POST", "/v1/chat/completions", chat_body("gpt", True), bearer),
               self.ask("POST", "/v1/chat/completions", chat_body("gpt"), {"x-api-key": self.token}),
               self.ask("POST", "/v1/chat/completions", chat_body("gpt"), {"api-key": self.token}),
               self.ask("POST", generate, gemini, {"x-goog-api-key": self.token}),
               self.ask("POST", generate + "?key=" + self.url_token, gemini),
               self.ask("GET", "/v1beta/models?key=" + self.url_token),
               self.ask("GET", "/metrics", headers={"Authorization": "Bearer " + self.metrics})]
        self.assertEqual(got, [200] * len(got), self.answers)
        # A prompt that quotes credentials goes to the provider as it is, and into no file.
        quoted = "my keys are %s %s %s" % (self.token, ENV_KEY, URL_KEY)
        self.assertEqual(self.ask("POST", "/v1/chat/completions", chat_body("gpt", text=quoted), bearer), 200)
        self.answers.pop()  # the echo

    def through_refusals(self):
        wrong = {"Authorization": "Bearer " + URL_KEY}
        chat = "/v1/chat/completions"
        got = [self.ask("POST", "/v1beta/models/gemini:generateContent?key=" + URL_KEY, {"contents": []}),
               self.ask("POST", chat + "?key=" + URL_KEY, chat_body("gpt")),
               self.ask("POST", chat, chat_body("gpt"), wrong),
               self.ask("POST", chat, chat_body("gpt"), {"x-api-key": self.token, "api-key": URL_KEY}),
               self.ask("POST", chat, chat_body("gpt"), {"Authorization": "Bearer " + self.metrics}),
               self.ask("GET", "/metrics", headers={"Authorization": "Bearer " + self.token}),
               self.ask("GET", "/nowhere/" + URL_KEY + "?key=" + self.url_token),
               self.ask("POST", chat, chat_body("none"), {"Authorization": "Bearer " + self.token})]
        self.assertEqual(got, [401, 401, 401, 400, 403, 403, 404, 404], self.answers[-len(got):])

    def through_failures(self):
        bearer = {"Authorization": "Bearer " + self.token}
        for words in ("status=401+code=" + ENV_KEY, "status=403", "status=500+code=" + ENV_KEY, "reset-before",
                      "html-502=3000", "redirect=302", "short-cl", "garbage-text", "stream-error",
                      "status=400+code=" + ENV_KEY, "status=429+retry-after=1", "bad-status", "nul-header"):
            for stream in (False, True):
                self.fake.script(words)
                self.ask("POST", "/v1/chat/completions", chat_body("gpt", stream), bearer)

        for name in ("quoting-env", "quoting-vault"):
            for number in range(20):
                self.ask("POST", "/v1/chat/completions", chat_body(name, number % 2 == 0), bearer)
        self.assertGreaterEqual(self.quoting.answers, 40)

    def through_commands(self):
        gateway = self.gateway
        for arguments in (("doctor",), ("doctor", "--online"), ("channel", "list"), ("channel", "show", "env"),
                          ("channel", "show", "vault"), ("channel", "test", "vault"),
                          ("channel", "models", "env"), ("token", "list"), ("token", "show", "main"),
                          ("log", "--limit", "500"), ("usage", "--by", "token"), ("audit",), ("status",),
                          ("settings", "list"), ("check",), ("reload",)):
            self.command(*arguments, check=False)
            self.command(*arguments, "--json", check=False)
        self.command("export", self.path("plain.json"))
        self.command("export", self.path("sealed.json"), "--secrets", stdin=EXPORT_PASSPHRASE + "\n")
        self.command("backup", self.path("copy.db"))
        self.command("vault", "lock")
        self.command("vault", "unlock", stdin="wrong " + PASSPHRASE + "\n", check=False)
        time.sleep(1.1)  # after a wrong one the vault listens to nobody for a second
        self.command("vault", "unlock", stdin=PASSPHRASE + "\n")
        gateway.hang_up()

    # Where the secrets are looked for

    def process(self):
        """What other processes can see of the daemon."""
        places = {}
        for name in ("cmdline", "environ"):
            try:
                with open("/proc/%d/%s" % (self.gateway.pid, name), "rb") as file:
                    places["/proc/PID/" + name] = file.read()
            except PermissionError:
                pass  # as it should be; root sees it all the same
        # The key that was given by the environment stands there because the user put it there.
        if "/proc/PID/environ" in places:
            places["/proc/PID/environ"] = places["/proc/PID/environ"].replace(ENV_KEY.encode(), b"")
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.gateway.pid)],
                                  capture_output=True, text=True, check=False).stdout
        self.assertEqual(children.split(), [], "the daemon has children whose environment is to be seen")
        return places

    def files(self):
        places = {}
        for top in (self.gateway.profile, self.folder.name):
            for folder, _, names in os.walk(top):
                for name in names:
                    path = os.path.join(folder, name)
                    if os.path.isfile(path) and not name.endswith((".key", ".pem")):
                        with open(path, "rb") as file:
                            places[path] = file.read()
                        if ZSTD_MAGIC in places[path]:
                            places[path + " (unpacked)"] = unpacked(places[path])
        return places

    def find(self, places):
        """Each secret as it stands, its tail (the start is shown to people), and as base64 and hex."""
        found = []
        for kind, secret in self.secrets.items():
            text = secret.encode()
            tail = text[10:]
            needles = {tail, tail.hex().encode(), tail[::-1], base64.b64encode(text)[:-4],
                       re.sub(rb" ", b"%20", tail)}
            for place, data in places.items():
                found += ["%s in %s: %r" % (kind, place, data[max(0, data.find(needle) - 120):
                                                              data.find(needle) + 60])
                          for needle in needles if needle in data]
        return found

    def live(self, bodies):
        self.answers = []
        self.prepare(bodies)
        self.through_all_carriers()
        self.through_refusals()
        self.through_failures()
        self.through_commands()
        places = self.process()
        places.update(self.files())  # with the write-ahead log as it is while the daemon runs
        os.set_blocking(self.gateway._process.stdout.fileno(), False)
        places["stdout"] = self.gateway._process.stdout.read() or b""
        self.assertEqual(self.gateway.stop(), 0)
        places.update({path + " (stopped)": data for path, data in self.files().items()})
        places["stderr"] = self.gateway.log().encode()
        places["what commands printed"] = "\n".join(self.said).encode()
        places["answers"] = "\n".join("%d %s %s" % each for each in self.answers).encode()
        self.assertIn(b"qt.", places["stderr"], "logging was not on")
        return places

    def test_no_secret_is_written_anywhere(self):
        places = self.live(bodies=False)
        self.assertTrue(any(name.endswith("tollgate.db-wal") for name in places), sorted(places))
        self.assertFalse(any(name.endswith("(unpacked)") for name in places), sorted(places))
        self.assertEqual(self.find(places), [])
        print("%d secrets, %d places, %d bytes: 0 hits" % (
            len(self.secrets), len(places), sum(map(len, places.values()))))

    def test_kept_bodies_are_redacted(self):
        places = self.live(bodies=True)
        kept = b"".join(data for name, data in places.items() if name.endswith("(unpacked)"))
        self.assertIn(b"my keys are", kept)
        self.assertEqual(self.find(places), [])

    @unittest.skipIf(keyringsession.missing(), "not installed: " + ", ".join(keyringsession.missing()))
    def test_key_in_the_keychain_is_written_nowhere(self):
        ring = keyringsession.Keyring(self.folder.name, RING_PASSPHRASE)
        self.addCleanup(ring.stop)
        gateway = self.gateway
        for name in keyringsession.FOREIGN:
            gateway.environment.pop(name, None)
        gateway.environment.update(ring.environment)
        gateway.start()
        self.command("channel", "add", "ring", "--provider", "openai", "--base-url", self.fake.url + "/v1",
                     "--key-stdin", "--models", "gpt", "--local", stdin=RING_KEY + "\n")
        token = gateway.token("main")
        self.secrets.update({"keychain key": RING_KEY, "keychain passphrase": RING_PASSPHRASE, "token": token})
        places = {}
        for _ in range(2):
            (shot,) = together([Shot(gateway.url, request_bytes(gateway.url, token, chat_body("gpt")))])
            self.assertEqual(shot.status, 200, shot.data)
            for arguments in (("doctor",), ("channel", "show", "ring"), ("log",), ("audit",)):
                self.command(*arguments, "--json")
            places.update(self.process())
            places.update(self.files())
            self.assertEqual(gateway.stop(), 0)
            gateway.start()
        self.assertEqual({hit["key"] for hit in self.fake.hits()}, {RING_KEY})
        places.update(self.files())
        places["stderr"] = gateway.log().encode()
        places["what commands printed"] = "\n".join(self.said).encode()
        self.assertTrue(any(name.endswith(".keyring") for name in places), sorted(places))
        self.assertEqual(self.find(places), [])

    def test_the_search_finds_what_is_there(self):
        self.assertEqual(len(self.find({"x": ENV_KEY.encode(), "y": base64.b64encode(VAULT_KEY.encode())})), 2)


class Memory(unittest.TestCase):
    """The memory of a daemon holds keys: it goes neither to a core file nor to another process."""

    def setUp(self):
        self.gateway = Gateway(environment={"FAKE_KEY": ENV_KEY})
        self.gateway.environment.pop("TOLLGATE_ALLOW_DEBUGGING", None)
        self.addCleanup(self.gateway.__exit__)
        soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_CORE, (soft, hard))

    def test_limits_allow_no_core_file(self):
        self.gateway.start()
        with open("/proc/%d/limits" % self.gateway.pid, encoding="ascii") as file:
            (line,) = [line for line in file if line.startswith("Max core file size")]
        self.assertEqual(line.split()[4:6], ["0", "0"])

    def test_crash_leaves_no_core(self):
        self.gateway.start()
        pid = self.gateway.pid
        os.kill(pid, signal.SIGABRT)  # not SIGSEGV, which sanitizers make their own
        ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        self.assertEqual((ended.si_code, ended.si_status), (os.CLD_KILLED, signal.SIGABRT))
        self.gateway.kill()
        self.assertFalse([name for name in os.listdir(self.gateway.profile) if "core" in name])

    @unittest.skipUnless(hasattr(os, "geteuid") and os.geteuid() == 0, "only root can become another user")
    def test_memory_is_closed_to_the_same_user(self):
        # Root may read everything, so the daemon and its reader both run as somebody else.
        folder = tempfile.TemporaryDirectory(prefix="tollgate-nobody-")
        self.addCleanup(folder.cleanup)
        os.chown(folder.name, NOBODY, NOBODY)
        environment = dict(self.gateway.environment, HOME=folder.name, TOLLGATE_PROFILE=folder.name + "/profile")
        with subprocess.Popen([self.gateway.program, "serve", "--json", "--listen", "127.0.0.1:0"],
                              env=environment, user=NOBODY, group=NOBODY, extra_groups=[], cwd="/",
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as daemon:
            try:
                self.assertIn(b'"url"', daemon.stdout.readline())
                self.assertEqual(os.stat("/proc/%d/environ" % daemon.pid).st_uid, 0, "it is dumpable")
                for name in ("mem", "environ", "maps"):
                    read = subprocess.run(["cat", "/proc/%d/%s" % (daemon.pid, name)], user=NOBODY,
                                          group=NOBODY, extra_groups=[], capture_output=True, check=False,
                                          text=True, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"})
                    self.assertIn("Permission denied", read.stderr, name)
            finally:
                daemon.terminate()

    @unittest.skipIf(hasattr(os, "geteuid") and os.geteuid() == 0, "root may read everything")
    def test_memory_is_closed_to_ourselves(self):
        self.gateway.start()
        for name in ("mem", "environ", "maps"):
            with self.assertRaises(PermissionError, msg=name):
                with open("/proc/%d/%s" % (self.gateway.pid, name), "rb") as file:
                    file.read(1)


if __name__ == "__main__":
    unittest.main()
