# SPDX-License-Identifier: GPL-3.0-or-later
"""What a request is to be answered with. A test says so in one of three ways, the first that applies:

  1. the control port: POST /script {"key": "sk-a" or "*", "count": 2, "do": "status=429+retry-after=7"}
  2. a header "x-fault: reset-before"
  3. the model's name: "gpt-test+status=503"

Each is a list of words, joined by "+", some with a value. A word of FAULTS chooses how the answer
goes wrong; a word of SETTINGS shapes the answer itself. An unknown word is an error, so that a
misspelt test fails at once."""

FAULTS = {
    # U-05 to U-07: an answer that is an error
    "status": "an error of this status in the dialect's shape",
    "html-502": "502 with an HTML page of VALUE bytes (2 MiB)",
    "html-200": "200 with an HTML page",
    "error-200": "200 with an error object as the body",
    "stream-error": "an error event in the middle of the stream",
    # U-08 to U-10: an answer that breaks off
    "reset-before": "RST after the whole request was read",
    "close-before": "FIN after the whole request was read",
    "reset-in-head": "RST in the middle of the response head",
    "close-in-head": "FIN in the middle of the response head",
    "reset-after": "RST after VALUE events (1), or half of a plain body",
    "short-cl": "Content-Length ten bytes longer than the body, then FIN",
    "no-final-chunk": "chunked, FIN in place of the last chunk; stops before the stream's end marker",
    "cut-after-done": "chunked, complete events, FIN in place of the last chunk",
    "no-done": "clean end of the HTTP body, but without the stream's end marker",
    "cut": "clean end of the HTTP body after VALUE events (2)",
    "eof": "no framing at all, complete, FIN",
    "eof-no-done": "no framing at all, FIN before the stream's end marker",
    "eof-cut": "no framing at all, FIN after VALUE events (2)",
    # U-11, U-14: odd streams
    "garbage-json": "one data line that is no JSON",
    "garbage-text": "text that is no SSE at all, without a line end",
    "unknown-event": "an event of a type nobody knows",
    "comments": "comments between the events",
    "cr-only": "line ends are lone CRs",
    "crlf": "line ends are CRLF",
    "bom": "a byte order mark first",
    "split": "one byte a write",
    "glue": "all events in one write",
    "bad-utf8": "a byte that is not UTF-8 inside a string",
    "json-for-stream": "a plain JSON answer to a request for a stream",
    # U-12, U-13, U-16, U-17: too much, too long, too slow, too fast
    "comments-forever": "comments every VALUE ms (50) and nothing else",
    "events-forever": "events every VALUE ms (0) without end",
    "long-line": "one data line of VALUE bytes (100 MiB)",
    "hang": "never a byte of an answer",
    "hang-mid": "silence after VALUE events (1), or half of a plain body",
    "drip": "one byte each VALUE ms (1000)",
    "pause": "a pause of VALUE ms (90000) after the first event",
    "flood": "VALUE bytes (500 MiB) of events, as fast as they are taken",
    # U-15: encodings
    "gzip": "gzip, correctly",
    "deflate": "deflate (zlib), correctly",
    "gzip-bomb": "gzip of VALUE bytes (512 MiB) of blanks",
    "wrong-encoding": "Content-Encoding gzip over plain bytes",
    "claimed-encoding": "Content-Encoding VALUE (br) over plain bytes",
    "double-gzip": "gzip twice, declared once",
    "cut-gzip": "gzip without its last half",
    # U-18
    "redirect": "status VALUE (302) to the canary listener",
    "redirect-self": "status VALUE (302) to this server",
    # U-19: framing
    "dup-cl": "the same Content-Length twice",
    "two-cl": "two different Content-Lengths",
    "bad-cl": "Content-Length: abc",
    "te-cl": "Transfer-Encoding and Content-Length",
    "bad-chunk": "a chunk size that is no number",
    "storm-1xx": "VALUE (10000) interim answers first",
    "body-204": "204 with a body",
    "trailers": "trailer fields after the last chunk",
    "big-header": "one header field of VALUE bytes (100 KiB)",
    "many-headers": "VALUE (2000) header fields",
    "nul-header": "a NUL in a header value",
    "crlf-header": "a bare CR in a header value",
    "bad-status": "a status line that is no status line",
    "second-answer": "a second, unasked answer behind the first",
    # U-21, U-23
    "early-413": "413 before the body was read, then FIN (by script or header only)",
    "stale-close": "a good answer that allows reuse, then FIN after VALUE ms (0)",
    "stale-reset": "a good answer that allows reuse, then RST when the next request arrives",
}

SETTINGS = {
    "events": "number of text events of a stream (one a word of the answer)",
    "pace": "milliseconds between events",
    "delay": "milliseconds before the head",
    "text": "the answer's text ('_' for blank)",
    "words": "length of the answer in words",
    "in": "input tokens reported",
    "out": "output tokens reported",
    "cached": "cached input tokens reported",
    "written": "cache-written input tokens reported (Messages)",
    "reasoning": "reasoning tokens reported",
    "rounds": "call the tool until there are this many results (1)",
    "think": "reason before each answer, sealed as the vendor seals; the last text counts the seals",
    "usage": "absent, twice, zero, negative, huge, float, string, null, decreasing",
    "retry-after": "value of Retry-After as it stands; date:N is N seconds from now as a date",
    "retry-after-ms": "value of retry-after-ms",
    "code": "the error's code member",
    "location": "the redirect's target in place of the canary",
    "keep": "close: ask for no reuse",
}


class Options:
    def __init__(self, text=""):
        self.text = text
        self.fault = None
        self.value = None
        self.settings = {}
        for word in filter(None, text.split("+")):
            name, _, value = word.partition("=")
            if name in FAULTS:
                if self.fault:
                    raise ValueError("two faults: %s and %s" % (self.fault, name))
                self.fault, self.value = name, value or None
            elif name in SETTINGS:
                self.settings[name] = value
            else:
                raise ValueError("unknown word: %s" % name)

    def number(self, default):
        return int(self.value) if self.value else default

    def get(self, name, default=None):
        return self.settings.get(name, default)

    def integer(self, name, default):
        return int(self.settings[name]) if name in self.settings else default


def of_model(model):
    """The options in a model's name, or None where it has none."""
    if not isinstance(model, str) or "+" not in model:
        return None
    return Options(model.split("+", 1)[1])


class Script:
    """What the control port asked for: a queue a key."""

    def __init__(self):
        self._queues = {}

    def clear(self):
        self._queues = {}

    def add(self, key, text, count):
        """`count` 0 is for ever."""
        Options(text)
        self._queues.setdefault(key, []).append([text, count or -1])

    def take_if(self, key, text):
        """Takes the next entry of a key if it is exactly `text`."""
        for name in (key, "*"):
            queue = self._queues.get(name)
            if queue:
                if queue[0][0] != text:
                    return False
                self.next(key)
                return True
        return False

    def next(self, key):
        for name in (key, "*"):
            queue = self._queues.get(name)
            if queue:
                entry = queue[0]
                entry[1] = max(-1, entry[1] - 1)
                if entry[1] == 0:
                    queue.pop(0)
                return Options(entry[0])
        return None
