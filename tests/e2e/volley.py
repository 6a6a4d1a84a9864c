# SPDX-License-Identifier: GPL-3.0-or-later
"""Many requests at once from one thread: connections are opened and requests written first, then all
are let go together, and each answer is read to wherever it ends. Thread pools start their requests
one after the other and hide races; this does not."""

import json
import selectors
import socket
import time
from urllib.parse import urlsplit


def chat_body(model, stream=False, text="one two three", **members):
    return dict({"model": model, "stream": stream,
                 "messages": [{"role": "user", "content": text}]}, **members)


def request_bytes(url, token, value, path="/v1/chat/completions", headers=()):
    body = json.dumps(value).encode()
    lines = ["POST %s HTTP/1.1" % path, "Host: " + urlsplit(url).netloc,
             "Content-Type: application/json", "Content-Length: %d" % len(body),
             "Authorization: Bearer " + token, "Connection: close"]
    lines += ["%s: %s" % pair for pair in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


class Shot:
    """One request on a connection of its own, and what came back for it."""

    def __init__(self, url, request, note=None):
        parts = urlsplit(url)
        self.note = note
        self.request = request
        self.data = b""
        self.ended = None  # "closed" or "reset"
        self.sock = socket.create_connection((parts.hostname, parts.port), 10)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.setblocking(False)

    def arm(self):
        """Everything but the last byte: the gateway has the request, and cannot begin with it."""
        self._write(self.request[:-1])
        self.request = self.request[-1:]

    def fire(self):
        self._write(self.request)
        self.request = b""

    def _write(self, data):
        try:
            sent = self.sock.send(data)
        except (ConnectionResetError, BrokenPipeError):
            return  # told by the reading side
        if sent != len(data):
            raise AssertionError("the socket's buffer is smaller than one request")

    def read(self):
        """Takes what has arrived; True when no more will come."""
        try:
            while True:
                block = self.sock.recv(65536)
                if not block:
                    self.ended = "closed"
                    break
                self.data += block
        except BlockingIOError:
            return False
        except ConnectionResetError:
            self.ended = "reset"
        self.sock.close()
        return True

    # The answer

    @property
    def head(self):
        return self.data.partition(b"\r\n\r\n")[0].decode("latin-1")

    @property
    def status(self):
        return int(self.data[9:12]) if b"\r\n\r\n" in self.data else None

    def header(self, name):
        for line in self.head.split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None

    @property
    def body(self):
        """The body as far as it came, without its framing; None while the head is incomplete."""
        return self._unframed()[0]

    @property
    def complete(self):
        """Whether the framing says that nothing is missing."""
        return self._unframed()[1]

    def _unframed(self):
        head, gap, rest = self.data.partition(b"\r\n\r\n")
        if not gap:
            return None, False
        length = self.header("content-length")
        if length is not None:
            return rest, len(rest) == int(length)
        if self.header("transfer-encoding") != "chunked":
            return rest, False
        body = b""
        while True:
            line, gap, rest = rest.partition(b"\r\n")
            if not gap:
                return body, False
            size = int(line, 16)
            if size == 0:
                return body, rest == b"\r\n"
            body += rest[:size]
            if len(rest) < size + 2:
                return body, False
            rest = rest[size + 2:]

    @property
    def whole(self):
        """A success that a client would take for one: complete, and a stream with its end mark."""
        if self.status != 200 or not self.complete:
            return False
        if (self.header("content-type") or "").startswith("text/event-stream"):
            return self.body.rstrip().endswith(b"data: [DONE]")
        return True


class Volley:
    """Shots in flight."""

    def __init__(self):
        self._selector = selectors.DefaultSelector()
        self.flying = set()

    def close(self):
        for shot in self.flying:
            shot.sock.close()
        self._selector.close()

    def add(self, shot):
        self._selector.register(shot.sock, selectors.EVENT_READ, shot)
        self.flying.add(shot)

    def poll(self, seconds):
        """Reads for at most this long, until something is over; gives what is."""
        over = []
        for key, _ in self._selector.select(seconds):
            # Reading closes the socket at its end, which takes it out of epoll but not of the map.
            sock, shot = key.fileobj, key.data
            descriptor = sock.fileno()
            if shot.read():
                self._selector.unregister(descriptor)
                self.flying.discard(shot)
                over.append(shot)
        return over

    def land(self, seconds):
        """All that is still in flight, at its end."""
        until, over = time.monotonic() + seconds, []
        while self.flying:
            left = until - time.monotonic()
            if left <= 0:
                raise AssertionError("%d answers did not end within %g s" % (len(self.flying), seconds))
            over += self.poll(left)
        return over


def together(shots, seconds=60):
    """Lets the shots go at one moment and gives them back when all are over."""
    volley = Volley()
    try:
        for shot in shots:
            shot.arm()
            volley.add(shot)
        for shot in shots:
            shot.fire()
        volley.land(seconds)
    finally:
        volley.close()
    return shots
