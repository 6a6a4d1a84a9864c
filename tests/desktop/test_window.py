# SPDX-License-Identifier: GPL-3.0-or-later
"""The desktop program on a fresh profile: it serves at once, shows every page without a word of
complaint, is there once a profile, hands over to a daemon that serves already, and ends when told."""

import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import unittest
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tools"))

from gateway import Gateway  # noqa: E402

PATIENCE = 120


def complaints(text):
    # What Qt says of a machine without a session is not about the program.
    return [line for line in text.splitlines() if line and "XDG_RUNTIME_DIR" not in line]


class Window(unittest.TestCase):
    def setUp(self):
        self.profile = tempfile.mkdtemp(prefix="tollgate-window-")
        self.addCleanup(shutil.rmtree, self.profile, True)
        self.environment = dict(os.environ, QT_QPA_PLATFORM="offscreen", TOLLGATE_PROFILE=self.profile)

    def start(self, *arguments):
        process = subprocess.Popen(
            (os.environ["TOLLGATE"], "--json", "--listen", "127.0.0.1:0") + arguments,
            env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        return process

    def ask(self, url, token):
        body = json.dumps({"model": "demo/echo", "messages": [{"role": "user", "content": "Hello"}]})
        request = urllib.request.Request(url + "/v1/chat/completions", body.encode(), {
            "Authorization": "Bearer " + token, "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)["choices"][0]["message"]["content"]

    def test_it_serves_beside_its_window_and_ends_when_told(self):
        window = self.start()
        url = json.loads(window.stdout.readline())["url"]
        command = subprocess.run((os.environ["TOLLGATED"], "token", "add", "mine", "--json"), timeout=PATIENCE,
                                 env=self.environment, capture_output=True, text=True, check=True)
        self.assertIn("Hello", self.ask(url, json.loads(command.stdout)["token"]))
        window.send_signal(signal.SIGTERM)
        _, said = window.communicate(timeout=PATIENCE)
        self.assertEqual(window.returncode, 0, said)
        self.assertEqual(complaints(said), [])

    def test_a_second_start_leaves_it_to_the_first(self):
        first = self.start()
        json.loads(first.stdout.readline())
        second = self.start()
        self.assertEqual(second.wait(timeout=PATIENCE), 0)
        self.assertIsNone(first.poll())
        first.send_signal(signal.SIGTERM)
        self.assertEqual(first.wait(timeout=PATIENCE), 0)

    def test_where_a_daemon_serves_it_is_a_window_on_that_one(self):
        with Gateway(profile=self.profile) as daemon:
            daemon.start()
            window = self.start("--screenshots", os.path.join(self.profile, "pictures"), "--brief")
            _, said = window.communicate(timeout=PATIENCE)
            self.assertEqual(window.returncode, 0, said)
            self.assertEqual(complaints(said), [])
            self.assertIn("http", daemon.run("status", "--json").stdout)

    def test_every_page_is_drawn_in_every_theme_without_a_warning(self):
        pictures = os.path.join(self.profile, "pictures")
        window = self.start("--screenshots", pictures)
        _, said = window.communicate(timeout=5 * PATIENCE)
        self.assertEqual(window.returncode, 0, said)
        self.assertEqual(complaints(said), [])
        names = sorted(os.listdir(pictures))
        for wanted in ("settings-light.png", "settings-dark.png", "tokens-light.png", "tokens-add-dark.png"):
            self.assertIn(wanted, names)
        for name in names:
            with open(os.path.join(pictures, name), "rb") as picture:
                data = picture.read()
            width, height = struct.unpack(">II", data[16:24])
            self.assertGreaterEqual((width, height), (920, 620), name)
            self.assertGreater(len(data), 8_000, name + " is blank")

    def test_wrong_words_are_told_in_a_sentence(self):
        process = self.start("--nonsense")
        _, said = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 2)
        self.assertIn("nonsense", said)


if __name__ == "__main__":
    unittest.main()
