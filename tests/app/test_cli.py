# SPDX-License-Identifier: GPL-3.0-or-later
"""The real program on fresh profiles: every command with and without a running daemon."""

import json
import os
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tools"))

from gateway import Gateway  # noqa: E402

KEY = "sk-canary-" + "0123456789abcdefgh"


def ask(gateway, token, model="demo/echo", path="/v1/chat/completions"):
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": "Hello"}]}).encode()
    request = urllib.request.Request(gateway.url + path, body, {
        "Authorization": "Bearer " + token, "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


class WithAndWithoutDaemon(unittest.TestCase):
    """Each test runs twice: the answers must not depend on who gives them."""

    def both(self, story):
        for running in (False, True):
            with self.subTest(daemon=running), Gateway(environment={"TEST_KEY": KEY}) as gateway:
                if running:
                    gateway.start()
                story(gateway)

    def test_tokens(self):
        def story(gateway):
            token = gateway.token("ci", "--budget", "5/day", "--rpm", "60", "--ip", "127.0.0.0/8")
            self.assertRegex(token, r"^tg-[0-9A-Za-z]{40,}$")
            (row,) = gateway.json("token", "list")["tokens"]
            self.assertEqual(row["budget"], "5/day")
            self.assertEqual(row["left_nano_usd"], 5_000_000_000)
            self.assertNotIn(token[8:], gateway.run("token", "list").stdout)
            gateway.run("token", "disable", "ci")
            self.assertEqual(gateway.json("token", "show", "ci")["details"]["state"], "disabled")
            gateway.run("token", "revoke", "ci")
            self.assertEqual(gateway.run("token", "show", "ci", check=False).returncode, 1)
        self.both(story)

    def test_channels(self):
        def story(gateway):
            gateway.run("channel", "add", "main", "--provider", "openai", "--key-env", "TEST_KEY",
                        "--models", "gpt-5,gpt-5-mini", "--header", "X-Team: blue")
            (row,) = gateway.json("channel", "list")["channels"]
            self.assertEqual(row["models"], ["gpt-5", "gpt-5-mini"])
            self.assertEqual(row["keys"][0]["bound_to"], "https://api.openai.com:443")
            gateway.run("channel", "update", "main", "--priority", "7", "--if-version", str(row["version"]))
            late = gateway.run("channel", "update", "main", "--priority", "8", "--if-version",
                               str(row["version"]), check=False)
            self.assertEqual(late.returncode, 1)
            self.assertIn("meanwhile", late.stderr)
            self.assertIn("main", gateway.run("channel", "list").stdout)
            gateway.run("channel", "rm", "main")
            self.assertEqual(gateway.json("channel", "list"), {"channels": []})
        self.both(story)

    def test_settings_prices_and_audit(self):
        def story(gateway):
            gateway.run("settings", "set", "log.keep_days", "30")
            self.assertEqual(gateway.json("settings", "get", "log.keep_days")["setting"]["value"], 30)
            wrong = gateway.run("settings", "set", "log.keep_days", "-3", check=False)
            self.assertEqual(wrong.returncode, 2)
            gateway.run("price", "set", "mine", "--input", "1.25", "--output", "10")
            self.assertEqual(gateway.json("price", "list", "mine", "--user")["prices"][0]["input"], "1.25")
            actions = [entry["action"] for entry in gateway.json("audit")["entries"]]
            self.assertEqual(actions, ["settings.set", "price.set"])
            self.assertEqual(gateway.json("check"), {"ok": True, "violations": []})
        self.both(story)

    def test_usage_of_an_unused_profile_is_empty(self):
        def story(gateway):
            self.assertEqual(gateway.json("usage"), {"rows": []})
            self.assertEqual(gateway.run("log", "--json").stdout, "")
            self.assertTrue(gateway.run("usage", "--csv").stdout.startswith("key,requests,failed,"))
        self.both(story)

    def test_export_import_and_backup(self):
        def story(gateway):
            gateway.token("ci")
            gateway.run("channel", "add", "main", "--provider", "openai", "--key-env", "TEST_KEY",
                        "--models", "gpt-5")
            with tempfile.TemporaryDirectory() as folder:
                bundle = os.path.join(folder, "bundle.json")
                gateway.run("export", bundle)
                self.assertEqual(stat.S_IMODE(os.stat(bundle).st_mode), 0o600)
                with open(bundle, encoding="utf-8") as file:
                    self.assertEqual(json.load(file)["tollgate"], 1)
                with Gateway() as other:
                    added = other.json("import", bundle)
                    self.assertEqual(added["added"], ["channel main", "token ci"])
                    self.assertRegex(added["tokens"]["ci"], r"^tg-")
                    self.assertEqual(other.json("import", bundle)["added"], [])
                copy = os.path.join(folder, "copy.db")
                gateway.run("backup", copy)
                self.assertEqual(stat.S_IMODE(os.stat(copy).st_mode), 0o600)
                self.assertEqual(gateway.run("backup", copy, check=False).returncode, 1)
        self.both(story)

    def test_key_from_standard_input_is_nowhere_to_be_seen(self):
        def story(gateway):
            gateway.run("vault", "create", stdin="a long passphrase\n")
            if gateway.pid is None:
                # Without a daemon nobody keeps the vault open between two commands.
                path = os.path.join(gateway.profile, "passphrase")
                with open(path, "w", encoding="utf-8") as file:
                    file.write("a long passphrase")
                os.chmod(path, 0o600)
                gateway.environment["TOLLGATE_VAULT_PASSPHRASE_FILE"] = path
            result = gateway.run("channel", "add", "main", "--provider", "openai", "--key-vault",
                                 "--models", "gpt-5", stdin=KEY + "\n")
            said = result.stdout + result.stderr + gateway.run("audit", "--json").stdout + gateway.log() \
                if gateway.pid else result.stdout + result.stderr
            self.assertNotIn(KEY[5:], said)
            for name in os.listdir(gateway.profile):
                path = os.path.join(gateway.profile, name)
                if os.path.isfile(path):
                    with open(path, "rb") as file:
                        self.assertNotIn(KEY[5:].encode(), file.read(), name)
        self.both(story)


class CommandLine(unittest.TestCase):
    def test_exit_codes_and_one_plain_sentence(self):
        with Gateway() as gateway:
            for arguments, code in ((("nonsense",), 2), (("token", "add"), 2), (("token", "show", "x"), 1),
                                    (("token", "add", "x", "--budget", "ten"), 2), (("reload",), 1),
                                    (("channel", "add", "x", "--key", KEY), 2)):
                result = gateway.run(*arguments, check=False)
                self.assertEqual(result.returncode, code, arguments)
                self.assertEqual(result.stdout, "")
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertTrue(result.stderr.endswith(".\n"), result.stderr)
                self.assertNotIn(KEY[5:], result.stderr)

    def test_help_everywhere_without_touching_a_profile(self):
        with tempfile.TemporaryDirectory() as folder:
            profile = os.path.join(folder, "none")
            gateway = Gateway(profile=profile)
            top = gateway.run("--help").stdout
            for line in top.splitlines():
                words = line.split("  ")[1].split() if line.startswith("  ") else []
                command = [word for word in words if word.islower()]
                if command:
                    self.assertIn("tollgated " + " ".join(command), gateway.run(*command, "--help").stdout)
            self.assertFalse(os.path.exists(profile))

    def test_profile_that_cannot_be_used_is_said(self):
        with tempfile.NamedTemporaryFile() as file:
            gateway = Gateway(profile=file.name)
            result = gateway.run("token", "list", check=False)
            self.assertEqual(result.returncode, 1)
            self.assertIn("not a folder", result.stderr)

    def test_damaged_database_is_said_and_can_be_set_aside(self):
        with Gateway() as gateway:
            gateway.token("ci")
            path = os.path.join(gateway.profile, "tollgate.db")
            with open(path, "wb") as file:
                file.write(b"no database" * 1000)
            result = gateway.run("token", "list", check=False)
            self.assertEqual(result.returncode, 1)
            self.assertIn("--set-aside", result.stderr)
            with open(path, "rb") as file:
                self.assertTrue(file.read().startswith(b"no database"))
            gateway.run("migrate", "--set-aside")
            self.assertEqual(gateway.json("token", "list"), {"tokens": []})

    def test_lost_database_is_not_silently_replaced(self):
        with Gateway() as gateway:
            gateway.token("ci")
            os.unlink(os.path.join(gateway.profile, "tollgate.db"))
            result = gateway.run("token", "list", check=False)
            self.assertEqual(result.returncode, 1)
            self.assertIn("migrate --new", result.stderr)
            gateway.run("migrate", "--new")
            self.assertEqual(gateway.json("token", "list"), {"tokens": []})


class Daemon(unittest.TestCase):
    def test_first_request_is_answered_logged_and_counted(self):
        with Gateway() as gateway:
            gateway.start()
            token = gateway.token("ci")
            status, answer = ask(gateway, token)
            self.assertEqual(status, 200)
            self.assertIn("Hello", answer["choices"][0]["message"]["content"])
            (row,) = gateway.wait_for_requests(1)
            self.assertEqual((row["status"], row["token"], row["model"]), (200, "ci", "demo/echo"))
            (used,) = gateway.json("usage", "--by", "token")["rows"]
            self.assertEqual((used["key"], used["requests"]), ("ci", 1))
            self.assertEqual(gateway.stop(), 0)

    def test_changes_reach_the_running_gateway(self):
        with Gateway() as gateway:
            gateway.start()
            token = gateway.token("ci")
            self.assertEqual(ask(gateway, token)[0], 200)
            gateway.run("token", "disable", "ci")
            until = time.monotonic() + 60
            while ask(gateway, token)[0] == 200 and time.monotonic() < until:
                time.sleep(0.02)
            self.assertIn(ask(gateway, token)[0], (401, 403))

    def test_second_daemon_on_a_profile_refuses(self):
        with Gateway() as gateway:
            gateway.start()
            result = gateway.run("serve", "--listen", "127.0.0.1:0", check=False)
            self.assertEqual(result.returncode, 1)
            self.assertIn(str(gateway.pid), result.stderr)
            self.assertTrue(gateway.json("status")["serving"])

    def test_port_in_use_is_said_with_what_to_do(self):
        with socket.create_server(("127.0.0.1", 0)) as taken, Gateway() as gateway:
            port = taken.getsockname()[1]
            result = gateway.run("serve", "--listen", "127.0.0.1:%d" % port, check=False)
            self.assertEqual(result.returncode, 1)
            self.assertIn(str(port), result.stderr)

    def test_network_address_without_tls_is_refused(self):
        with Gateway() as gateway:
            result = gateway.run("serve", "--listen", "0.0.0.0:0", check=False)
            self.assertEqual(result.returncode, 1)
            self.assertIn("--lan-plaintext", result.stderr)

    def test_hang_up_reloads_and_terminate_drains(self):
        with Gateway() as gateway:
            gateway.start()
            gateway.hang_up()
            time.sleep(0.2)
            self.assertTrue(gateway.json("status")["serving"])
            gateway.run("reload")
            self.assertEqual(gateway.stop(), 0)
            self.assertFalse(gateway.json("status")["serving"])

    def test_killed_daemon_leaves_a_profile_that_starts_again(self):
        with Gateway() as gateway:
            gateway.start()
            token = gateway.token("ci")
            gateway.kill()
            gateway.start()
            self.assertEqual(ask(gateway, token)[0], 200)

    def test_management_socket_is_private(self):
        with Gateway() as gateway:
            gateway.start()
            self.assertEqual(stat.S_IMODE(os.stat(gateway.profile).st_mode), 0o700)
            for name in os.listdir(gateway.profile):
                mode = os.stat(os.path.join(gateway.profile, name)).st_mode
                self.assertEqual(stat.S_IMODE(mode) & 0o077, 0, name)

    def test_garbage_on_the_management_socket_harms_nobody(self):
        with Gateway() as gateway:
            gateway.start()
            for garbage in (b"GET / HTTP/1.1\r\n\r\n", b"\0" * 100 + b"\n", b"{}\n", b"x" * 2_000_000):
                with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
                    client.settimeout(60)
                    client.connect(os.path.join(gateway.profile, "admin.sock"))
                    try:
                        client.sendall(garbage)
                        self.assertIn(b"error", client.recv(65536))
                    except (BrokenPipeError, ConnectionResetError):
                        pass
            self.assertTrue(gateway.json("status")["serving"])

    def test_log_is_followed_live(self):
        with Gateway() as gateway:
            gateway.start()
            token = gateway.token("ci")
            with subprocess.Popen([gateway.program, "log", "--follow", "--json", "--limit", "0"],
                                  env=gateway.environment, stdout=subprocess.PIPE) as follower:
                try:
                    lines = []
                    reader = threading.Thread(target=lambda: lines.append(follower.stdout.readline()))
                    reader.start()
                    time.sleep(0.5)
                    ask(gateway, token)
                    reader.join(60)
                    self.assertEqual(json.loads(lines[0])["token"], "ci")
                finally:
                    follower.kill()
            self.assertTrue(gateway.json("status")["serving"])

    def test_many_commands_at_once(self):
        with Gateway() as gateway:
            gateway.start()
            failures = []

            def add(number):
                try:
                    gateway.token("t%d" % number)
                except Exception as error:  # noqa: BLE001
                    failures.append(error)

            threads = [threading.Thread(target=add, args=(number,)) for number in range(16)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(failures, [])
            self.assertEqual(len(gateway.json("token", "list")["tokens"]), 16)


if __name__ == "__main__":
    unittest.main()
