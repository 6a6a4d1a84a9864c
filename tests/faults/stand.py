# SPDX-License-Identifier: GPL-3.0-or-later
"""A daemon set up for many rows at once: each row has channels, provider keys and a token of its
own, so that neither health nor money of one row can touch another. All comes in by one import."""

import asyncio
import json
import os
import sqlite3
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tools"))

from gateway import Gateway  # noqa: E402

import matrix  # noqa: E402
import wireclient  # noqa: E402

STATES = ("reserved", "sent", "streaming", "settled", "released", "unknown")
READY = "ready"  # a channel that nobody answers, to see whether the daemon has its keys
FLAGS = ("estimated", "partial", "unknown", "crash", "clamped", "unpriced", "client_left",
         "lowered")


def key_of(name):
    return "sk-fault-" + name


def channel(name, base_url, models, priority=0, **limits):
    return dict({"name": name, "provider": "openai", "base_url": base_url, "enabled": True,
                 "local": True, "priority": priority, "weight": 1, "headers": [], "options": {},
                 "proxy": "", "connect_ms": 0, "first_byte_ms": 0, "idle_ms": 0, "total_ms": 0,
                 "key_env": ["KEY_" + name.upper()], "models": list(models),
                 "model_map": dict(models)}, **limits)


def token(name):
    return {"name": name, "budget": "10", "models": [], "ip": [], "rpm": 0, "tpm": 0,
            "concurrency": 0, "expires": "never", "metrics": False}


def price(model):
    return {"model": model, "provider": "", "valid_from_us": 1,
            "rates": {"input": matrix.NANO_IN * 1000, "output": matrix.NANO_OUT * 1000}}


def bundle(channels, tokens, settings):
    models = sorted({vendor for one in channels for vendor in one["model_map"].values()})
    return {"tollgate": 1, "channels": channels, "tokens": [token(name) for name in tokens],
            "prices": [price(model) for model in models], "settings": settings}


def base_of(fake, name):
    if name == "invalid":
        return "http://no-such-host.invalid/v1"
    if name.startswith("localhost"):
        return "http://localhost:%d/v1" % fake.ports[name]
    scheme = "https" if name.startswith("tls") else "http"
    return "%s://127.0.0.1:%d/v1" % (scheme, fake.ports[name or "http"])


def channels_of(row, shared, lonely):
    fake = lonely if row.fault.more.get("alone") else shared
    do = "" if row.fault.more.get("script") else row.fault.do
    own = row.slug + "+" + "+".join(filter(None, (do, matrix.ANSWER)))
    found = [channel(row.slug, base_of(fake, row.fault.base), {row.slug: own}, 10,
                     **row.fault.limits)]
    if row.second == matrix.SPARE:
        name = row.slug + "s"
        found.append(channel(name, base_of(fake, ""), {row.slug: name + "+" + matrix.ANSWER}))
    return found


class Stand:
    """The daemon, its tokens by name, and its books."""

    def __init__(self, channels, tokens, settings, listen="127.0.0.1:0"):
        channels = channels + [channel(READY, "http://127.0.0.1:1/v1", {READY: READY})]
        tokens = tokens + [READY]
        environment = {one["key_env"][0]: key_of(one["name"]) for one in channels}
        self.gateway = Gateway(environment=environment)
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(bundle(channels, tokens, settings), file)
            file.flush()
            self.tokens = self.gateway.json("import", file.name)["tokens"]
        self.gateway.start("--threads", "1", "--listen", listen)
        self.url = self.gateway.url
        self.warm_up()

    def warm_up(self):
        """Until the daemon has its keys, which are read while it begins to listen."""
        for self.warming in range(1, 100):
            answer = asyncio.run(wireclient.ask(self.url, self.tokens[READY],
                                                wireclient.chat(READY, False)))
            if answer.status != 503:
                return
            time.sleep(0.02)
        raise AssertionError("the daemon does not find its keys: %r" % answer.body)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.gateway.__exit__()

    def query(self, text):
        path = os.path.join(self.gateway.profile, "tollgate.db")
        books = sqlite3.connect("file:%s?mode=ro" % path, uri=True, timeout=10)
        books.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in books.execute(text)]
        finally:
            books.close()

    def attempts(self):
        """By request id, in order."""
        out = {}
        for row in self.query("SELECT * FROM attempts ORDER BY request_id, number"):
            row["state"] = STATES[row["state"]]
            row["flags"] = {name for bit, name in enumerate(FLAGS) if row["flags"] >> bit & 1}
            out.setdefault(row["request_id"], []).append(row)
        return out

    def resident_kib(self, what="VmRSS"):
        with open("/proc/%d/status" % self.gateway.pid, encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith(what + ":"))

    def broken_books(self):
        return self.gateway.json("check", check=False)["violations"]
