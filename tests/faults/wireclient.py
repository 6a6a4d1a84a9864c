# SPDX-License-Identifier: GPL-3.0-or-later
"""A client that notices what libraries hide: whether the HTTP body ended as it should, and whether
the stream inside it did."""

import asyncio
import json
from urllib.parse import urlsplit


class Answer:
    def __init__(self):
        self.status = 0
        self.headers = {}
        self.body = b""
        self.framed = False  # the HTTP body reached its declared end
        self.seconds = 0.0

    def events(self):
        for block in self.body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n\n"):
            data = [line[5:].strip() for line in block.split(b"\n") if line.startswith(b"data:")]
            if data:
                yield b"\n".join(data)

    @property
    def is_stream(self):
        return self.headers.get("content-type", "").startswith("text/event-stream")

    @property
    def done(self):
        return any(data == b"[DONE]" for data in self.events())

    @property
    def comments(self):
        return self.body.count(b"\n:") + self.body.startswith(b":")

    def error(self):
        """The error the client is told of, as JSON or inside the stream."""
        for text in self.events() if self.is_stream else [self.body]:
            try:
                found = json.loads(text)
            except ValueError:
                continue
            if isinstance(found, dict) and isinstance(found.get("error"), dict):
                return found["error"]
        return None

    def text(self):
        if not self.is_stream:
            try:
                return json.loads(self.body)["choices"][0]["message"]["content"]
            except (ValueError, KeyError, IndexError, TypeError):
                return None
        out = ""
        for data in self.events():
            try:
                choices = json.loads(data).get("choices") or []
                out += choices[0]["delta"].get("content") or "" if choices else ""
            except (ValueError, KeyError, AttributeError):
                continue
        return out


def request_bytes(url, token, body, headers=()):
    host = urlsplit(url).netloc
    payload = json.dumps(body).encode()
    lines = ["POST /v1/chat/completions HTTP/1.1", "Host: " + host,
             "Authorization: Bearer " + token,
             "Content-Type: application/json", "Content-Length: %d" % len(payload),
             "Connection: close", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + payload


def chat(model, stream, prompt="say it", **more):
    return dict({"model": model, "messages": [{"role": "user", "content": prompt}],
                 "max_tokens": 100, "stream": stream}, **more)


async def connect(url, limit=1 << 16):
    parts = urlsplit(url)
    return await asyncio.open_connection(parts.hostname, parts.port, limit=limit)


async def read_head(reader, answer):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    answer.status = int(head[0].split(" ")[1])
    for line in head[1:]:
        name, _, value = line.partition(":")
        if name:
            answer.headers[name.lower()] = value.strip()


async def read_chunks(reader, take):
    """True once the last chunk has come."""
    while True:
        line = await reader.readline()
        if not line.endswith(b"\r\n"):
            return False
        size = int(line, 16)
        if size == 0:
            return (await reader.readline()) == b"\r\n"
        take(await reader.readexactly(size))
        await reader.readexactly(2)


async def ask(url, token, body, seconds=60, began=None):
    """`began` is called when the answer's head has come."""
    answer = Answer()
    begun = asyncio.get_running_loop().time()
    reader, writer = await connect(url)
    pieces = []
    try:
        async with asyncio.timeout(seconds):
            writer.write(request_bytes(url, token, body))
            await read_head(reader, answer)
            if began:
                began()
            if answer.headers.get("transfer-encoding") == "chunked":
                answer.framed = await read_chunks(reader, pieces.append)
            else:
                length = int(answer.headers.get("content-length", "-1"))
                pieces.append(await reader.readexactly(length) if length >= 0
                              else await reader.read(-1))
                answer.framed = True
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        answer.body = b"".join(pieces)
        answer.seconds = asyncio.get_running_loop().time() - begun
        writer.close()
    return answer
