# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the fake provider for a test and speaks to its control port."""

import json
import os
import subprocess
import sys
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))


class Fake:
    def __init__(self, *arguments):
        self._process = subprocess.Popen([sys.executable, "-m", "fakeprovider", *arguments], cwd=HERE,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the fake provider did not start")
        self.ready = json.loads(line)
        self.ports = self.ready["ports"]
        self.url = self.ready["url"]
        self.control_url = self.ready["control_url"]
        self.ca = self.ready.get("ca")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._process.stdin.close()
        self._process.stdout.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _call(self, path, value=None):
        data = None if value is None else json.dumps(value).encode()
        request = urllib.request.Request(self.control_url + path, data)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def script(self, do, count=1, key="*"):
        self._call("/script", {"do": do, "count": count, "key": key})

    def default(self, do):
        self._call("/default", {"do": do})

    def reset(self):
        self._call("/reset", {})

    def drop(self):
        return self._call("/drop", {})["dropped"]

    def report(self, key=None, since=0, body=False):
        query = "?since=%d&body=%d" % (since, body) + ("&key=" + key if key else "")
        return self._call("/hits" + query)

    def hits(self, key=None, since=0, body=False):
        return self.report(key, since, body)["hits"]

    def wait_for(self, ready, seconds=60.0):
        """The report, once `ready(report)` holds."""
        until = time.monotonic() + seconds
        while True:
            report = self.report()
            if ready(report):
                return report
            if time.monotonic() > until:
                raise AssertionError("did not happen within %g s; hits: %s" % (
                    seconds, [(hit["do"], hit["outcome"]) for hit in report["hits"]]))
            time.sleep(0.01)
