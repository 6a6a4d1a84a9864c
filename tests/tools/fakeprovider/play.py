# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends one answer, well or badly. Each way to fail is one function in WAYS; what is not listed there
changes the answer's bytes before they are sent (see `prepare`)."""

import asyncio
import email.utils
import gzip
import time
import zlib

from . import dialects
from .dialects import Event
from .wire import LAST_CHUNK, chunk, head

MIB = 1 << 20
HTML = b"<!doctype html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1>"


class Stage:
    """One answer on its way: the connection, what was asked, and what shall be said."""

    def __init__(self, connection, hit, route, canary_url, self_url):
        self.connection = connection
        self.hit = hit
        self.options = route.options
        self.dialect = route.error_dialect
        self.canary_url = canary_url
        self.self_url = self_url
        self.reuse = self.options.get("keep") != "close"
        self.after = None  # "fin" or "rst": what a later moment does to the kept connection
        self.stream = route.plain is None and self.dialect.wants_stream()
        self.content_type = "application/json"
        self.status = 200
        self.pieces = []
        self.text_piece = []  # parallel to pieces: carries the model's words
        if route.missing:
            self.status = 404
            self.plain(self.dialect.error(404, "no such route", "not_found"))
        elif route.plain is not None:
            self.status, self.content_type = route.status, route.content_type
            self.plain(route.plain)
        else:
            self.generate(dialects.answer_for(self.dialect, self.options))

    def plain(self, body):
        self.stream = False
        self.pieces = [body]
        self.text_piece = [True]

    def generate(self, answer):
        self.whole = self.dialect.whole(answer)
        if not self.stream or self.options.fault == "json-for-stream":
            self.plain(self.whole)
            return
        events = self.dialect.events(answer)
        if isinstance(self.dialect, dialects.Gemini) and not self.dialect.sse:
            self.pieces = [(b"[" if n == 0 else b",\r\n") + event.data
                           for n, event in enumerate(events)]
            self.pieces[-1] += b"]"
        else:
            self.content_type = self.dialect.content_type
            self.pieces = [event.encode(self.dialect.eol) for event in events]
        self.text_piece = [event.text for event in events]

    def headers(self, extra=(), length=None, chunked=False):
        out = [("Content-Type", self.content_type), ("x-request-id", "req_%d" % self.hit.number),
               ("Set-Cookie", "session=fake; Path=/")]
        for name in ("retry-after", "retry-after-ms"):
            value = self.options.get(name)
            if value is not None:
                if value.startswith("date:"):
                    value = email.utils.formatdate(time.time() + int(value[5:]), usegmt=True)
                out.append((name, value))
        out += extra
        if length is not None:
            out.append(("Content-Length", str(length)))
        if chunked:
            out.append(("Transfer-Encoding", "chunked"))
        if not self.reuse:
            out.append(("Connection", "close"))
        return out

    async def send(self, data):
        await self.connection.write(data)

    async def send_head(self, **framing):
        await self.send(head(self.status, self.headers(**framing)))

    async def send_pieces(self, pieces, wrap=chunk):
        pace = self.options.integer("pace", 0)
        for number, piece in enumerate(pieces):
            if pace and number:
                await self.connection.sleep(pace)
            await self.send(wrap(piece))
            self.hit.events_sent += 1

    def body(self):
        return b"".join(self.pieces)


def prepare(stage):
    """Faults that only change what is said."""
    fault, options, dialect = stage.options.fault, stage.options, stage.dialect
    name = fault or ""
    if name == "status":
        stage.status = options.number(500)
        stage.plain(dialect.error(stage.status, "scripted error %d" % stage.status,
                                  options.get("code")))
        stage.content_type = "application/json"
    elif name in ("html-502", "html-200"):
        stage.status = 502 if name == "html-502" else 200
        size = options.number(2 * MIB if name == "html-502" else 2000)
        stage.plain((HTML + b"<p>x</p>" * (size // 8))[:size])
        stage.content_type = "text/html"
    elif name == "error-200":
        stage.plain(dialect.error(500, "scripted error in a 200", None))
        stage.content_type = "application/json"
    elif not stage.stream:
        return
    elif name == "stream-error":
        middle = max(1, len(stage.pieces) // 2)
        stage.pieces = stage.pieces[:middle] + [dialect.error_event().encode(dialect.eol)]
    elif name in ("garbage-json", "garbage-text", "unknown-event", "comments", "bad-utf8"):
        stage.pieces = oddities(stage, name)
    elif name in ("cr-only", "crlf"):
        eol = b"\r" if name == "cr-only" else b"\r\n"
        stage.pieces = [piece.replace(b"\r\n", b"\n").replace(b"\n", eol) for piece in stage.pieces]
    elif name == "bom":
        stage.pieces[0] = b"\xef\xbb\xbf" + stage.pieces[0]
    elif name == "split":
        stage.pieces = [bytes([byte]) for byte in stage.body()]
    elif name == "glue":
        stage.pieces = [stage.body()]


def oddities(stage, name):
    odd = {"garbage-json": b"data: {\"choices\": [oops\n\n", "garbage-text": b"Internal error 0x17",
           "unknown-event": stage.dialect.odd_event().encode(stage.dialect.eol)}.get(name)
    if name == "comments":
        return [part for piece in stage.pieces for part in (b": keep-alive\n\n", piece)]
    if name == "bad-utf8":
        at = stage.text_piece.index(True)
        before, after = stage.pieces[at].rsplit(b'"}', 1)
        return stage.pieces[:at] + [before + b"\xff\xc3(" + b'"}' + after] + stage.pieces[at + 1:]
    middle = max(1, len(stage.pieces) // 2)
    return stage.pieces[:middle] + [odd] + stage.pieces[middle:]


# Ways to send. Each returns "complete", or a word for what it did instead; a way that closes the
# connection says so by closing it.

async def well(stage, unasked=b""):
    if stage.stream:
        await stage.send_head(chunked=True)
        await stage.send_pieces(stage.pieces)
        await stage.send(LAST_CHUNK + unasked)
    else:
        await stage.send(head(stage.status, stage.headers(length=len(stage.body())))
                         + stage.body() + unasked)
        stage.hit.events_sent = 1
    return "complete"


async def break_before(stage):
    return await leave(stage, "reset" if stage.options.fault == "reset-before" else "close")


async def leave(stage, how):
    if how == "reset":
        await stage.connection.reset()
    else:
        await stage.connection.close()
    return "broken"


async def break_in_head(stage):
    whole = head(stage.status, stage.headers(length=len(stage.body())))
    await stage.send(whole[:len(whole) // 2])
    return await leave(stage, "reset" if stage.options.fault == "reset-in-head" else "close")


async def reset_after(stage):
    await partial(stage, stage.options.number(1))
    return await leave(stage, "reset")


async def partial(stage, events):
    """The head and so many events, or half of a plain body."""
    if stage.stream:
        await stage.send_head(chunked=True)
        await stage.send_pieces(stage.pieces[:events])
    else:
        await stage.send_head(length=len(stage.body()))
        await stage.send(stage.body()[:len(stage.body()) // 2])


async def short_cl(stage):
    await stage.send_head(length=len(stage.body()) + 10)
    await stage.send(stage.body())
    return await leave(stage, "close")


def without_end(stage):
    return stage.pieces[:-1] if stage.stream else [stage.body()[:len(stage.body()) // 2]]


async def no_final_chunk(stage):
    await stage.send_head(chunked=True)
    if stage.options.value:
        await stage.send_pieces(stage.pieces[:stage.options.number(1)])
    else:
        await stage.send_pieces(without_end(stage))
    return await leave(stage, "close")


async def cut_after_done(stage):
    await stage.send_head(chunked=True)
    await stage.send_pieces(stage.pieces)
    return await leave(stage, "close")


async def clean_cut(stage):
    await stage.send_head(chunked=True)
    await stage.send_pieces(kept(stage))
    await stage.send(LAST_CHUNK)
    return "complete"


def kept(stage):
    fault = stage.options.fault
    if fault == "eof":
        return stage.pieces
    if fault in ("cut", "eof-cut") and stage.stream:
        return stage.pieces[:stage.options.number(2)]
    return without_end(stage)


async def until_close(stage):
    stage.reuse = False
    await stage.send_head()
    await stage.send_pieces(kept(stage), wrap=bytes)
    return await leave(stage, "close")


async def comments_forever(stage):
    stage.content_type = "text/event-stream"
    await stage.send_head(chunked=True)
    while True:
        await stage.send(chunk(b": still thinking\n\n"))
        await stage.connection.sleep(stage.options.number(50))


def text_event(stage):
    """One event in the middle of a stream that may be said again and again."""
    if True in stage.text_piece and stage.stream:
        return stage.pieces[stage.text_piece.index(True)]
    return Event({"choices": []}).encode()


async def events_forever(stage):
    await stage.send_head(chunked=True)
    event = text_event(stage)
    while True:
        await stage.send(chunk(event))
        stage.hit.events_sent += 1
        await stage.connection.sleep(max(1, stage.options.number(1)))


async def long_line(stage):
    size = stage.options.number(100 * MIB)
    stage.content_type = "text/event-stream"
    await stage.send_head(chunked=True)
    await stage.send_pieces(stage.pieces[:1])
    await stage.send(chunk(b'data: {"choices":[{"index":0,"delta":{"content":"'))
    block = b"a" * 65536
    for _ in range(-(-size // len(block))):
        await stage.send(chunk(block))
    await stage.send(chunk(b'"}}]}\n\n') + LAST_CHUNK)
    return "complete"


async def flood(stage):
    await stage.send_head(chunked=True)
    event = text_event(stage)
    block = event * max(1, 65536 // len(event))
    sent = 0
    while sent < stage.options.number(500 * MIB):
        await stage.send(chunk(block))
        sent += len(block)
        stage.hit.events_sent += len(block) // len(event)
    await stage.send_pieces(stage.pieces[-1:])
    await stage.send(LAST_CHUNK)
    return "complete"


async def hang(stage):
    if stage.options.fault == "hang-mid":
        await partial(stage, stage.options.number(1))
    await stage.connection.until_gone(3_600_000)
    return "abandoned"


async def drip(stage):
    if stage.stream:
        await stage.send_head(chunked=True)
    else:
        await stage.send_head(length=len(stage.body()))
    for byte in stage.body():
        await stage.send(chunk(bytes([byte])) if stage.stream else bytes([byte]))
        await stage.connection.sleep(stage.options.number(1000))
    if stage.stream:
        await stage.send(LAST_CHUNK)
    return "complete"


async def pause(stage):
    await partial(stage, 1)
    await stage.connection.sleep(stage.options.number(90_000))
    if stage.stream:
        await stage.send_pieces(stage.pieces[1:])
        await stage.send(LAST_CHUNK)
    else:
        await stage.send(stage.body()[len(stage.body()) // 2:])
    return "complete"


async def encoded(stage):
    fault, body = stage.options.fault, stage.body()
    name = "gzip"
    if fault == "gzip":
        body = gzip.compress(body, mtime=0)
    elif fault == "deflate":
        name, body = "deflate", zlib.compress(body)
    elif fault == "double-gzip":
        body = gzip.compress(gzip.compress(body, mtime=0), mtime=0)
    elif fault == "cut-gzip":
        body = gzip.compress(body, mtime=0)
        body = body[:len(body) // 2]
    elif fault == "claimed-encoding":
        name = stage.options.value or "br"
    await stage.send_head(length=len(body), extra=[("Content-Encoding", name)])
    await stage.send(body)
    return "complete"


async def gzip_bomb(stage):
    await stage.send_head(chunked=True, extra=[("Content-Encoding", "gzip")])
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    blank = b" " * MIB
    for _ in range(max(1, stage.options.number(512 * MIB) // MIB)):
        data = squeeze.compress(blank)
        if data:
            await stage.send(chunk(data))
        await asyncio.sleep(0)
    await stage.send(chunk(squeeze.flush()) + LAST_CHUNK)
    return "complete"


async def redirect(stage):
    base = stage.self_url if stage.options.fault == "redirect-self" else stage.canary_url
    target = stage.options.get("location") or base + stage.hit.request.target
    stage.status = stage.options.number(302)
    await stage.send_head(length=0, extra=[("Location", target)])
    return "complete"


async def framing(stage):
    """U-19: answers that an HTTP parser must refuse, or survive."""
    fault, body = stage.options.fault, stage.body()
    length = str(len(body))
    extra = {"dup-cl": [("Content-Length", length), ("Content-Length", length)],
             "two-cl": [("Content-Length", length), ("Content-Length", "3")],
             "bad-cl": [("Content-Length", "abc")],
             "te-cl": [("Content-Length", length), ("Transfer-Encoding", "chunked")],
             "bad-chunk": [("Transfer-Encoding", "chunked")],
             "trailers": [("Trailer", "x-sum"), ("Transfer-Encoding", "chunked")]}[fault]
    await stage.send_head(extra=extra)
    if fault == "bad-chunk":
        await stage.send(b"zz\r\n" + body + b"\r\n" + LAST_CHUNK)
    elif fault == "te-cl":
        await stage.send(chunk(body) + LAST_CHUNK)
    elif fault == "trailers":
        await stage.send_pieces(stage.pieces)
        await stage.send(b"0\r\nx-sum: 1\r\nset-cookie: a=b\r\n\r\n")
    else:
        await stage.send(body)
    return "complete"


async def odd_headers(stage):
    fault, extra = stage.options.fault, []
    if fault == "big-header":
        extra = [("x-big", "a" * stage.options.number(100 * 1024))]
    elif fault == "many-headers":
        extra = [("x-h%d" % n, "v") for n in range(stage.options.number(2000))]
    elif fault == "nul-header":
        extra = [("x-nul", "a\0b")]
    elif fault == "crlf-header":
        extra = [("x-cr", "a\rx-injected: 1")]
    elif fault == "storm-1xx":
        for _ in range(stage.options.number(10_000)):
            await stage.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
    await stage.send_head(length=len(stage.body()), extra=extra)
    await stage.send(stage.body())
    return "complete"


async def bad_status(stage):
    await stage.send(b"HTTP/1.1 twohundred OK\r\nContent-Length: 2\r\n\r\n{}")
    return await leave(stage, "close")


async def body_204(stage):
    stage.status = 204
    await stage.send_head(length=len(stage.body()))
    await stage.send(stage.body())
    return "complete"


async def second_answer(stage):
    # In one piece with the answer: bytes that come later may meet a next request half-way, and
    # then nobody could tell that they do not belong to it.
    return await well(stage, head(200, [("Content-Length", "13")]) + b'{"evil":true}')


async def stale(stage):
    await well(stage)
    stage.after = "rst" if stage.options.fault == "stale-reset" else "fin"
    return "complete"


WAYS = {
    "reset-before": break_before, "close-before": break_before,
    "reset-in-head": break_in_head, "close-in-head": break_in_head,
    "reset-after": reset_after, "short-cl": short_cl, "no-final-chunk": no_final_chunk,
    "cut-after-done": cut_after_done, "no-done": clean_cut, "cut": clean_cut,
    "eof": until_close, "eof-no-done": until_close, "eof-cut": until_close,
    "comments-forever": comments_forever, "events-forever": events_forever,
    "long-line": long_line, "hang": hang, "hang-mid": hang, "drip": drip, "pause": pause,
    "flood": flood, "gzip": encoded, "deflate": encoded, "wrong-encoding": encoded,
    "claimed-encoding": encoded, "double-gzip": encoded, "cut-gzip": encoded,
    "gzip-bomb": gzip_bomb, "redirect": redirect, "redirect-self": redirect,
    "dup-cl": framing, "two-cl": framing, "bad-cl": framing, "te-cl": framing,
    "bad-chunk": framing, "trailers": framing, "storm-1xx": odd_headers,
    "big-header": odd_headers, "many-headers": odd_headers, "nul-header": odd_headers,
    "crlf-header": odd_headers, "bad-status": bad_status, "body-204": body_204,
    "second-answer": second_answer, "stale-close": stale, "stale-reset": stale,
}


async def play(stage):
    delay = stage.options.integer("delay", 0)
    if delay:
        await stage.connection.sleep(delay)
    prepare(stage)
    return await WAYS.get(stage.options.fault, well)(stage)


async def refuse_early(connection, error_body):
    """413 while the client may still be sending (U-21)."""
    await connection.write(head(413, [("Content-Type", "application/json"),
                                      ("Content-Length", str(len(error_body))),
                                      ("Connection", "close")]) + error_body)
    await connection.until_gone(500)
    await connection.close()
