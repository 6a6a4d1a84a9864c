# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP/1.1 by hand over asyncio, so that a test decides about every byte and every close."""

import asyncio
import socket
import struct
import time

HEAD_LIMIT = 1 << 20
BODY_LIMIT = 256 << 20
FIN_UNSEEN = (1, 4, 8, 9, 11)  # tcp(7): established, FIN_WAIT1, CLOSE_WAIT, LAST_ACK, CLOSING


def now_ms():
    return time.monotonic() * 1000.0


class Gone(Exception):
    """The peer has closed, or the connection broke."""


class Malformed(Exception):
    """The request is not HTTP/1.1 as a careful client writes it."""


class Request:
    def __init__(self, method, target, version, headers):
        self.method = method
        self.target = target
        self.version = version
        self.headers = headers
        self.body = b""

    def header(self, name, default=""):
        wanted = name.lower()
        for key, value in self.headers:
            if key.lower() == wanted:
                return value
        return default

    def all(self, name):
        wanted = name.lower()
        return [value for key, value in self.headers if key.lower() == wanted]


def parse_head(block):
    lines = block.decode("latin-1").split("\r\n")
    parts = lines[0].split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise Malformed("request line")
    headers = []
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise Malformed("header line")
        headers.append((name, value.strip(" \t")))
    return Request(parts[0], parts[1], parts[2], headers)


class Connection(asyncio.Protocol):
    """One accepted socket: read calls that wait, writes that feel backpressure, and the moment the
    peer went away."""

    def __init__(self, serve, number):
        self._serve = serve
        self.number = number
        self.requests = 0
        self.gone_ms = None
        self.written = 0
        self.transport = None
        self._buffer = bytearray()
        self._arrived = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._gone = asyncio.Event()
        self._task = None

    # asyncio.Protocol

    def connection_made(self, transport):
        self.transport = transport
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._task = asyncio.ensure_future(self._serve(self))

    def data_received(self, data):
        self._buffer += data
        self._arrived.set()
        if len(self._buffer) > BODY_LIMIT:
            self.transport.abort()

    def eof_received(self):
        self._leave()
        # Half-open: the answer may still be written. TLS knows no half-open.
        return self.transport.get_extra_info("sslcontext") is None

    def connection_lost(self, _error):
        self._leave()
        if self._task is not None and not self._task.done():
            self._task.cancel()

    def pause_writing(self):
        self._writable.clear()

    def resume_writing(self):
        self._writable.set()

    def _leave(self):
        if self.gone_ms is None:
            self.gone_ms = now_ms()
        self._gone.set()
        self._arrived.set()
        self._writable.set()

    # Reading

    async def _more(self):
        if self.gone_ms is not None:
            raise Gone()
        self._arrived.clear()
        await self._arrived.wait()

    async def peek(self):
        """Waits for the first byte of a next request, without taking it."""
        while not self._buffer:
            await self._more()

    async def read_head(self):
        while True:
            end = self._buffer.find(b"\r\n\r\n")
            if end >= 0:
                block = bytes(self._buffer[:end])
                del self._buffer[: end + 4]
                self.requests += 1
                return parse_head(block)
            if len(self._buffer) > HEAD_LIMIT:
                raise Malformed("head too large")
            await self._more()

    async def _take(self, count):
        while len(self._buffer) < count:
            await self._more()
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    async def _line(self):
        while True:
            end = self._buffer.find(b"\r\n")
            if end >= 0:
                line = bytes(self._buffer[:end])
                del self._buffer[: end + 2]
                return line
            await self._more()

    async def read_body(self, request):
        if request.header("expect").lower() == "100-continue":
            await self.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if request.header("transfer-encoding").lower() == "chunked":
            parts = []
            while True:
                size = int((await self._line()).split(b";")[0], 16)
                if size == 0:
                    while await self._line():
                        pass
                    break
                parts.append(await self._take(size))
                await self._take(2)
            request.body = b"".join(parts)
        else:
            lengths = request.all("content-length")
            if len(lengths) > 1:
                raise Malformed("two lengths")
            request.body = await self._take(int(lengths[0])) if lengths else b""

    # Writing

    async def write(self, data):
        if self.gone_ms is not None or self.transport.is_closing():
            raise Gone()
        self.transport.write(data)
        self.written += len(data)
        await self._writable.wait()
        if self.gone_ms is not None:
            raise Gone()

    async def sleep(self, milliseconds):
        """Waits, but not longer than the peer stays."""
        try:
            await asyncio.wait_for(self._gone.wait(), milliseconds / 1000.0)
        except asyncio.TimeoutError:
            return
        raise Gone()

    async def until_gone(self, limit_ms):
        try:
            await asyncio.wait_for(self._gone.wait(), limit_ms / 1000.0)
        except asyncio.TimeoutError:
            pass

    async def flush(self):
        while self.transport.get_write_buffer_size() > 0 and not self.transport.is_closing():
            await asyncio.sleep(0.002)

    async def close(self):
        """An orderly FIN, after everything written has left."""
        if not self.transport.is_closing():
            self.transport.close()

    async def close_and_see(self, limit_ms=30_000):
        """The same; returns when the peer's kernel has the FIN, so that from then on the peer can
        know that the connection is over."""
        sock = self.transport.get_extra_info("socket")
        if self.transport.can_write_eof() and hasattr(socket, "TCP_INFO"):
            self.transport.write_eof()
            until = now_ms() + limit_ms
            while now_ms() < until and not self.transport.is_closing() and sock.getsockopt(
                    socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] in FIN_UNSEEN:
                await asyncio.sleep(0.002)
        await self.close()

    async def reset(self):
        """RST, after everything written has left."""
        await self.flush()
        # The peer should read what was written before the reset overtakes it.
        if self.written:
            await asyncio.sleep(0.02)
        sock = self.transport.get_extra_info("socket")
        if sock is not None:
            try:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            except OSError:
                pass
        self.transport.abort()


def head(status, headers, reason=None):
    reasons = {100: "Continue", 200: "OK", 204: "No Content", 301: "Moved Permanently",
               302: "Found", 303: "See Other", 307: "Temporary Redirect",
               308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized",
               403: "Forbidden", 404: "Not Found", 413: "Content Too Large",
               429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway",
               503: "Service Unavailable", 529: "Overloaded"}
    lines = ["HTTP/1.1 %d %s" % (status, reason or reasons.get(status, "Status"))]
    lines += ["%s: %s" % pair for pair in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


LAST_CHUNK = b"0\r\n\r\n"
