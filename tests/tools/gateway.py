# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the real tollgated on a fresh profile and speaks its command line, for end-to-end tests."""

import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time


class CommandFailed(Exception):
    def __init__(self, arguments, result):
        super().__init__("%s: exit %d: %s" % (" ".join(arguments), result.returncode,
                                              result.stderr.strip()))
        self.code = result.returncode
        self.text = result.stderr


class Gateway:
    """`environment` carries the provider keys that channels name by --key-env."""

    def __init__(self, program=None, profile=None, environment=None):
        self.program = program or os.environ["TOLLGATED"]
        self._own_profile = profile is None
        self.profile = profile or tempfile.mkdtemp(prefix="tollgate-profile-")
        self.environment = dict(os.environ, TOLLGATE_PROFILE=self.profile, **(environment or {}))
        self.url = None
        self._process = None
        self.errors = os.path.join(tempfile.mkdtemp(prefix="tollgate-log-"), "stderr")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        if self._own_profile:
            shutil.rmtree(self.profile, ignore_errors=True)
        shutil.rmtree(os.path.dirname(self.errors), ignore_errors=True)

    # The daemon

    @property
    def pid(self):
        return self._process.pid if self._process else None

    def start(self, *arguments, seconds=60):
        if "--listen" not in arguments:
            arguments += ("--listen", "127.0.0.1:0")
        with open(self.errors, "ab") as errors:
            self._process = subprocess.Popen(
                [self.program, "serve", "--json", *arguments], env=self.environment,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)
        readable, _, _ = select.select([self._process.stdout], [], [], seconds)
        line = self._process.stdout.readline() if readable else b""
        if not line:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()
            self._process = None
            raise RuntimeError("tollgated did not start: " + self.log())
        self.url = json.loads(line)["url"]
        return self

    def stop(self, seconds=90):
        """SIGTERM, and the exit code; a daemon that does not leave is killed and is an error."""
        if self._process is None:
            return None
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise AssertionError("tollgated did not end within %d s of SIGTERM" % seconds) from None
        finally:
            self._process.stdout.close()
            self._process = None
        return code

    def kill(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()
            self._process = None

    def hang_up(self):
        self._process.send_signal(signal.SIGHUP)

    def log(self):
        with open(self.errors, encoding="utf-8", errors="replace") as file:
            return file.read()

    # The command line

    def run(self, *arguments, stdin="", check=True, seconds=120):
        result = subprocess.run([self.program, *arguments], env=self.environment, input=stdin,
                                capture_output=True, text=True, timeout=seconds)
        if check and result.returncode != 0:
            raise CommandFailed(arguments, result)
        return result

    def json(self, *arguments, **how):
        text = self.run(*arguments, "--json", **how).stdout
        lines = [line for line in text.splitlines() if line.strip()]
        return json.loads(lines[0]) if len(lines) == 1 else [json.loads(line) for line in lines]

    def channel(self, name, provider, base_url, key_env, models, *more):
        return self.run("channel", "add", name, "--provider", provider, "--base-url", base_url,
                        "--key-env", key_env, "--models", ",".join(models), "--local", *more)

    def token(self, name="tester", *more):
        return self.json("token", "add", name, *more)["token"]

    def requests(self, limit=1000):
        """The newest rows of the request log, as the command prints them."""
        text = self.run("log", "--limit", str(limit), "--json").stdout
        return [json.loads(line) for line in text.splitlines() if line.strip()]

    def wait_for_requests(self, count, seconds=60.0):
        """Rows appear when a request has been settled, which is a moment after its last byte."""
        until = time.monotonic() + seconds
        while True:
            rows = self.requests()
            if len(rows) >= count:
                return rows
            if time.monotonic() > until:
                raise AssertionError("%d rows in the log, %d were wanted" % (len(rows), count))
            time.sleep(0.05)
