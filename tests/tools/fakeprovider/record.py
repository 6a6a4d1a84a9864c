# SPDX-License-Identifier: GPL-3.0-or-later
"""What arrived, for a test to read back: a number a request, in order, with what became of it."""

import collections
import hashlib
import threading

from .wire import now_ms

KEPT_HITS = 4000
KEPT_BODY = 256 * 1024


def credential(request, query):
    """The key of a request and the name of its carrier."""
    bearer = request.header("authorization")
    if bearer.lower().startswith("bearer "):
        return bearer[7:], "authorization"
    for carrier in ("x-api-key", "x-goog-api-key", "api-key"):
        if request.header(carrier):
            return request.header(carrier), carrier
    return (query["key"][0], "query") if query.get("key") else ("", "")


class Hit:
    def __init__(self, number, connection, request, key, carrier):
        self.number = number
        self.connection = connection
        self.request = request
        self.key = key
        self.carrier = carrier
        self.arrived_ms = now_ms()
        self.ended_ms = None
        self.events_sent = 0
        self.do = ""
        self.outcome = "running"
        self._written_before = connection.written
        self.on_connection = connection.requests

    def end(self, outcome):
        self.outcome = outcome
        self.ended_ms = now_ms()
        self.written = self.connection.written - self._written_before

    def report(self, base_ms, with_body):
        body = self.request.body
        out = {"n": self.number, "connection": self.connection.number,
               "on_connection": self.on_connection, "key": self.key, "carrier": self.carrier,
               "method": self.request.method, "target": self.request.target,
               "headers": self.request.headers, "body_bytes": len(body),
               "body_sha256": hashlib.sha256(body).hexdigest(), "do": self.do,
               "outcome": self.outcome, "events_sent": self.events_sent,
               "bytes_sent": self.connection.written - self._written_before
               if self.ended_ms is None else self.written,
               "at_ms": round(self.arrived_ms - base_ms, 3),
               "ended_ms": None if self.ended_ms is None else round(self.ended_ms - base_ms, 3),
               "peer_gone_ms": None if self.connection.gone_ms is None
               else round(self.connection.gone_ms - base_ms, 3)}
        if with_body:
            out["body"] = body[:KEPT_BODY].decode("utf-8", "replace")
        return out


class Record:
    def __init__(self):
        self._lock = threading.Lock()
        self.base_ms = now_ms()
        self.connections = 0
        self.open = set()
        self.canary = []
        self.reset()

    def reset(self):
        with self._lock:
            self.count = 0
            self.by_key = collections.Counter()
            self.by_target = collections.Counter()
            self.hits = collections.deque(maxlen=KEPT_HITS)
            self.malformed = []
            self.canary.clear()

    def add(self, connection, request, key, carrier):
        with self._lock:
            self.count += 1
            hit = Hit(self.count, connection, request, key, carrier)
            self.by_key[key] += 1
            self.by_target[request.target.split("?")[0]] += 1
            self.hits.append(hit)
            return hit

    def report(self, key=None, since=0, with_body=False):
        with self._lock:
            chosen = [hit for hit in self.hits
                      if hit.number > since and key in (None, hit.key)]
            return {"count": self.count, "by_key": dict(self.by_key),
                    "by_target": dict(self.by_target),
                    "hits": [hit.report(self.base_ms, with_body) for hit in chosen],
                    "connections": self.connections, "open_connections": len(self.open),
                    "malformed": self.malformed, "canary": self.canary,
                    "now_ms": round(now_ms() - self.base_ms, 3)}
