# SPDX-License-Identifier: GPL-3.0-or-later
"""The control port: what a test says to the provider, and asks of it.

  POST /script {"key": "sk-a", "count": 2, "do": "status=503"}   count 0: for ever; key "*": any key
  POST /default {"do": "pace=20"}    for requests that nothing else speaks for
  POST /reset                        forgets scripts and hits
  POST /drop                         breaks every open connection
  GET  /hits?key=K&since=N&body=1    what arrived
"""

import asyncio
import json
from urllib.parse import parse_qs, urlsplit

from . import options
from .wire import Connection, Gone, Malformed, head


class Control:
    def __init__(self, provider):
        self.provider = provider
        self._server = None

    async def listen(self, host):
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self.serve, 0), host, 0)
        return self._server.sockets[0].getsockname()[1]

    async def serve(self, connection):
        try:
            while True:
                request = await connection.read_head()
                await connection.read_body(request)
                status, value = self.answer(request)
                body = json.dumps(value).encode()
                await connection.write(head(status, [("Content-Type", "application/json"),
                                                     ("Content-Length", str(len(body)))]) + body)
        except (Gone, Malformed, ConnectionError):
            pass
        finally:
            connection.transport.close()

    def answer(self, request):
        parts = urlsplit(request.target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        try:
            given = json.loads(request.body or b"{}")
            return 200, self.act(request.method, parts.path, query, given)
        except (ValueError, KeyError, TypeError) as problem:
            return 400, {"error": "%s: %s" % (type(problem).__name__, problem)}

    def act(self, method, path, query, given):
        provider = self.provider
        if (method, path) == ("POST", "/script"):
            provider.script.add(given.get("key", "*"), given["do"], int(given.get("count", 1)))
        elif (method, path) == ("POST", "/default"):
            provider.fallback = options.Options(given["do"])
        elif (method, path) == ("POST", "/reset"):
            provider.script.clear()
            provider.record.reset()
        elif (method, path) == ("POST", "/drop"):
            return {"dropped": provider.drop_all()}
        elif (method, path) == ("GET", "/hits"):
            return provider.record.report(query.get("key"), int(query.get("since", 0)),
                                          query.get("body") == "1")
        else:
            raise KeyError(path)
        return {"ok": True}
