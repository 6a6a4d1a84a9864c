# SPDX-License-Identifier: GPL-3.0-or-later
"""The provider's ports: plain, TLS in several states of disrepair, a canary that nobody should ever
reach, a port that refuses and one that never answers."""

import asyncio
import errno
import socket
import ssl

from . import options, play, routes
from .record import Record
from .wire import Connection, Gone, Malformed, head


class Provider:
    def __init__(self, default_options, keys):
        self.record = Record()
        self.script = options.Script()
        self.fallback = options.Options(default_options)
        self.keys = keys
        self.canary_url = ""
        self.plain_url = ""
        self._held = []  # sockets that only have to exist
        self._servers = []

    async def listen(self, host, context=None, port=0):
        loop = asyncio.get_running_loop()
        server = await loop.create_server(self._connection, host, port, ssl=context, backlog=4096)
        self._servers.append(server)
        return server.sockets[0].getsockname()[1]

    async def listen_both(self, tries=20):
        """One port on ::1 and on 127.0.0.1."""
        while True:
            tries -= 1
            port = await self.listen("::1")
            try:
                return await self.listen("127.0.0.1", port=port)
            except OSError:  # somebody else has it there
                if tries == 0:
                    raise

    def _connection(self):
        self.record.connections += 1
        connection = Connection(self.serve, self.record.connections)
        return connection

    async def serve(self, connection):
        self.record.open.add(connection)
        try:
            while await self.answer_one(connection):
                pass
        except (Gone, ConnectionError):
            pass
        except Malformed as problem:
            self.record.malformed.append(str(problem))
            connection.transport.write(head(400, [("Content-Length", "0"), ("Connection", "close")]))
        finally:
            self.record.open.discard(connection)
            connection.transport.close()

    async def answer_one(self, connection):
        request = await connection.read_head()
        early = self.wants_early_refusal(request)
        if early:
            hit = self.record.add(connection, request, *routes.credential(request, {}))
            hit.do = "early-413"
            await play.refuse_early(connection, b'{"error":{"message":"too large"}}')
            hit.end("complete")
            return False
        await connection.read_body(request)
        try:
            route = routes.find(request, self.script, self.fallback)
        except ValueError as problem:
            body = str(problem).encode()
            self.record.malformed.append(str(problem))
            await connection.write(head(500, [("Content-Length", str(len(body)))]) + body)
            return True
        hit = self.record.add(connection, request, route.key, route.carrier)
        if self.keys and route.key not in self.keys and route.options.fault is None:
            route.options = options.Options("status=401")
        hit.do = route.options.text
        stage = play.Stage(connection, hit, route, self.canary_url, self.plain_url)
        try:
            hit.end(await play.play(stage))
        except (Gone, ConnectionError, asyncio.CancelledError):
            hit.end("client left")
            raise
        if hit.outcome != "complete" or not stage.reuse:
            await connection.close()
            return False
        return await self.stay(connection, stage)

    def wants_early_refusal(self, request):
        return request.header("x-fault") == "early-413" or self.script.take_if(
            routes.credential(request, {})[0], "early-413")

    @staticmethod
    async def stay(connection, stage):
        if stage.after == "fin":
            await asyncio.sleep(stage.options.number(0) / 1000.0)
            await connection.close_and_see()
            return False
        if stage.after == "rst":
            await connection.peek()
            await connection.reset()
            return False
        return True

    # Ports that are not a provider

    async def listen_canary(self, host):
        async def note(connection):
            entry = {"connection": len(self.record.canary) + 1, "first_bytes": ""}
            self.record.canary.append(entry)
            try:
                await connection.peek()
                request = await connection.read_head()
                entry["first_bytes"] = "%s %s" % (request.method, request.target)
                entry["headers"] = request.headers
                await connection.write(head(200, [("Content-Length", "2")]) + b"{}")
            except (Gone, Malformed):
                entry["first_bytes"] = entry["first_bytes"] or "unreadable"
            connection.transport.close()

        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Connection(note, 0), host, 0)
        self._servers.append(server)
        return server.sockets[0].getsockname()[1]

    async def listen_garbage(self, host, mode):
        """A port that should speak TLS and does not: "garbage", "close" or "stall" in the handshake."""
        async def spoil(connection):
            try:
                await connection.peek()
                if mode == "garbage":
                    await connection.write(b"\x00\x01\x02 this is no TLS record " * 40)
                elif mode == "stall":
                    await connection.until_gone(3_600_000)
            except Gone:
                pass
            connection.transport.close()

        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Connection(spoil, 0), host, 0)
        self._servers.append(server)
        return server.sockets[0].getsockname()[1]

    def hold_refused(self, host):
        """Bound, never listening: a connect is refused, and nobody else can take the port."""
        held = socket.socket()
        held.bind((host, 0))
        self._held.append(held)
        return held.getsockname()[1]

    def hold_blackhole(self, host):
        """Listening with a full queue: on Linux a further SYN is dropped, so a connect times out."""
        held = socket.socket()
        held.bind((host, 0))
        held.listen(0)
        self._held.append(held)
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            code = filler.connect_ex(held.getsockname())
            if code not in (0, errno.EINPROGRESS):
                raise OSError(code, "cannot fill the queue")
            self._held.append(filler)
        return held.getsockname()[1]

    def stop(self):
        for server in self._servers:
            server.close()
        for held in self._held:
            held.close()
        for connection in list(self.record.open):
            connection.transport.abort()

    def drop_all(self):
        """Every open connection breaks now, as if the provider had been killed (U-22)."""
        dropped = len(self.record.open)
        for connection in list(self.record.open):
            asyncio.ensure_future(connection.reset())
        return dropped


def tls_context(certificate, key, old=False):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["http/1.1"])
    if old:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1
    return context

