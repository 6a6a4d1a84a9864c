# SPDX-License-Identifier: GPL-3.0-or-later
"""What a provider may do to us, and what must become of it for client, ledger and log.

A fault is a line of FAULTS; rows() multiplies it by {stream, plain} and {alone, with a second
channel}. The expectations follow from four rules, not from what the program happens to do:

  1. Nothing of the request left, or the provider answered with something that is no answer (an
     error status, a page of HTML): nothing is owed, and the next channel may try.
  2. The request left and the connection gave no readable answer: it may have been generated and
     billed. The hold stays, the attempt is unknown, and nobody sends the request again.
  3. An answer began and broke off: no second channel. What reached the client is charged, marked
     partial, and the client is told in the stream; a plain answer is an error and costs nothing,
     because nothing of it was handed over.
  4. Oddities that leave the answer readable pass through, byte by byte."""

from dataclasses import dataclass, field, replace

STREAM, PLAIN = "stream", "plain"
BOTH = (STREAM, PLAIN)
ALONE, SPARE = "alone", "spare"

WORDS = 8
INPUT, OUTPUT = 50, 10
TEXT = " ".join("w%d" % n for n in range(WORDS))
ANSWER = "words=%d+in=%d+out=%d" % (WORDS, INPUT, OUTPUT)
NANO_IN, NANO_OUT = 1000, 2000  # nano-USD a token, as the bundle's prices say
EXACT = INPUT * NANO_IN + OUTPUT * NANO_OUT


@dataclass(frozen=True)
class Outcome:
    """Of one attempt, and of the request when that attempt was the last."""
    status: tuple  # any of these, to the client
    code: tuple = ()  # of the error that the client reads
    slug: str = ""  # in the log
    end: str = "whole"  # "whole", "error" (a JSON error), "broken" (an error inside the stream)
    state: str = "settled"
    charge: str = "exact"  # "exact", "none", "some" (0 < charge <= held)
    flags: frozenset = frozenset()
    moves: bool = False  # a second channel takes over
    hits: int = 1  # requests that reach the provider
    retry_after: tuple = None  # bounds of the header; () where there must be none


GOOD = Outcome((200,))


def refused(status, code, slug="upstream_failed", **more):
    return Outcome((status,), (code,), slug, "error", "released", "none", moves=True, **more)


def final(status, code, slug="upstream_failed", **more):
    return replace(refused(status, code, slug, **more), moves=False)


def unknown(status, *codes, slug="upstream_failed", **more):
    return Outcome((status,), codes, slug, "error", "unknown", "none", frozenset({"unknown"}),
                   **more)


def broken(code, slug="upstream_failed", **more):
    return Outcome((200,), (code,), slug, "broken", "settled", "some", frozenset({"partial"}),
                   **more)


@dataclass(frozen=True)
class Fault:
    id: str
    do: str  # the provider's word for it
    when: str  # "before" or "after" the first byte of the answer
    plain: Outcome = None
    stream: Outcome = None
    base: str = ""  # the port to dial in place of the plain one
    limits: dict = field(default_factory=dict)  # the channel's timeouts
    more: dict = field(default_factory=dict)

    @property
    def name(self):
        return self.do or self.base


def before(id, do, outcome, **more):
    return Fault(id, do, "before", outcome, outcome, **more)


# What `more` may say. "script": told to the provider by its control port; "body": bytes of the
# prompt; "again": the outcome of a second request; "marks": a second request avoids the channel;
# "alone": one row at a time at a provider of its own; "closes": the provider closes each connection
# after its answer; "text", "bytes": how the text differs.

def after(id, do, plain=None, stream=None, **more):
    return Fault(id, do, "after", plain, stream, **more)


def unreachable(id, base, outcome, **more):
    return before(id, "", replace(outcome, hits=0), base=base, **more)


def usage(kind, expected, flags=()):
    outcome = replace(GOOD, charge=expected, flags=frozenset(flags))
    return after("U-20", "usage=" + kind, outcome, outcome)


TRUNCATED = final(502, "truncated")
CUT = broken("truncated")
UNREADABLE = refused(502, "bad_answer")
SHORT = {"first_byte_ms": 2000, "idle_ms": 2000}
NO_TLS = refused(502, "tls_failed")
LOST = unknown(502, "outcome_unknown")
# The provider answered, but not in HTTP: nothing tells whether it generated.
NOT_HTTP = unknown(502, "bad_answer", "outcome_unknown")
NOT_DECODED = final(502, "bad_encoding")

FAULTS = [
    unreachable("U-01", "refused", refused(502, "connect_failed")),
    unreachable("U-02", "blackhole", refused(504, "connect_timeout", "upstream_timeout"),
                limits={"connect_ms": 500}),
    unreachable("U-03", "invalid", replace(refused(502, "resolve_failed"), status=(502, 504),
                                           code=("resolve_failed", "connect_timeout"), slug=""),
                limits={"connect_ms": 3000}),
    unreachable("U-04", "tls_expired", NO_TLS),
    unreachable("U-04", "tls_wronghost", NO_TLS),
    unreachable("U-04", "tls_selfsigned", NO_TLS),
    unreachable("U-04", "tls_old", NO_TLS),
    unreachable("U-04", "tls_garbage", NO_TLS),
    unreachable("U-04", "tls_close", replace(NO_TLS, code=("tls_failed", "connect_failed"))),
    unreachable("U-04", "tls_stall", refused(504, "connect_timeout", "upstream_timeout"),
                limits={"connect_ms": 500}),
    before("U-05", "status=401", refused(502, "provider_credential"), more={"marks": "rejected"}),
    before("U-05", "status=403", refused(502, "provider_credential"), more={"marks": "rejected"}),
    *[before("U-06", "status=429" + header,
             refused(429, "provider_rate_limited", "rate_limited", retry_after=bounds))
      for header, bounds in (("+retry-after=7", (7, 7)), ("+retry-after=date:20", (15, 20)),
                             ("", ()), ("+retry-after=-5", ()),
                             ("+retry-after=1000000000", (3600, 3600)))],
    before("U-07", "status=500", refused(502, "provider_failed")),
    before("U-07", "status=503", refused(503, "provider_overloaded", "unavailable")),
    before("U-07", "html-502", refused(502, "provider_failed")),
    before("U-07", "html-200", replace(UNREADABLE, code=("bad_answer", "truncated"))),
    before("U-07", "error-200", replace(refused(502, ""), code=())),
    before("U-08", "reset-before", LOST),
    before("U-08", "close-before", LOST),
    before("U-08", "hang", unknown(504, "first_byte_timeout", slug="upstream_timeout"),
           limits=SHORT),
    before("U-08", "reset-in-head", LOST),
    before("U-08", "close-in-head", LOST),
    after("U-09", "reset-after=1", TRUNCATED, TRUNCATED),  # the role alone is not an answer yet
    after("U-09", "reset-after=4", None, CUT),
    after("U-09", "stream-error+pace=40", None, broken("")),
    after("U-10", "short-cl", TRUNCATED, GOOD),  # the stream's own end had come
    after("U-10", "no-final-chunk", TRUNCATED, CUT),
    after("U-10", "cut-after-done", TRUNCATED, GOOD),
    after("U-10", "no-done", UNREADABLE, None),
    after("U-10", "cut=4", None, CUT),
    after("U-10", "eof", GOOD, GOOD),
    after("U-10", "eof-no-done", UNREADABLE, None),
    after("U-10", "eof-cut=4", None, CUT),
    *[after("U-11", do, None, replace(GOOD)) for do in
      ("garbage-json", "unknown-event", "comments", "cr-only", "crlf", "bom", "glue")],
    after("U-11", "garbage-text", None, GOOD, more={"text": "cut"}),
    after("U-12", "comments-forever", None, final(504, "idle_timeout", "upstream_timeout"),
          limits={"first_byte_ms": 2500, "idle_ms": 2500, "total_ms": 20000}),
    after("U-12", "events-forever=20", None, broken("total_timeout", "upstream_timeout"),
          limits={"total_ms": 3000}),
    after("U-12", "flood=50000000", None, broken("answer_too_large")),
    # No word of it was passed on, so another channel may answer.
    after("U-13", "long-line=12000000", None, replace(UNREADABLE, code=("answer_too_large",))),
    after("U-14", "bad-utf8", None, GOOD, more={"bytes": b"\xff\xc3("}),
    after("U-14", "split", None, GOOD),
    after("U-15", "gzip", GOOD, GOOD),
    after("U-15", "deflate", GOOD, GOOD),
    after("U-15", "gzip-bomb=40000000", replace(NOT_DECODED, code=("answer_too_large",)), None),
    after("U-15", "wrong-encoding", NOT_DECODED, NOT_DECODED),
    after("U-15", "claimed-encoding=foo", NOT_DECODED, NOT_DECODED),
    after("U-15", "double-gzip", UNREADABLE, replace(UNREADABLE, code=("bad_answer", "truncated"))),
    after("U-15", "cut-gzip", replace(UNREADABLE, code=("bad_answer", "bad_encoding")), None),
    after("U-16", "drip=2", GOOD, GOOD),
    after("U-16", "pause=1000", GOOD, GOOD),
    after("U-16", "hang-mid", final(504, "idle_timeout", "upstream_timeout"),
          final(504, "idle_timeout", "upstream_timeout"), limits=SHORT),
    after("U-16", "hang-mid=4", None, broken("idle_timeout", "upstream_timeout"), limits=SHORT),
    *[before("U-18", "redirect=%d" % status, final(502, "provider_failed"))
      for status in (301, 302, 303, 307, 308)],
    before("U-18", "redirect-self", final(502, "provider_failed")),
    after("U-19", "dup-cl", GOOD, GOOD),  # RFC 9112 6.3 lets equal ones pass
    *[before("U-19", do, NOT_HTTP) for do in
      ("two-cl", "bad-cl", "te-cl", "storm-1xx", "big-header", "nul-header", "crlf-header",
       "bad-status")],
    after("U-19", "bad-chunk", TRUNCATED, None),
    after("U-19", "body-204", UNREADABLE, replace(UNREADABLE, code=("bad_answer", "truncated"))),
    after("U-19", "trailers", GOOD, GOOD),
    # The rows after this one must not see the unasked answer.
    after("U-19", "second-answer", GOOD, GOOD),
    usage("absent", "some", ["estimated"]),
    usage("twice", "exact"),
    usage("negative", "some", ["clamped"]),
    usage("huge", "some", ["clamped"]),
    usage("float", "some"),
    usage("string", "some"),
    usage("decreasing", "some"),
    before("U-21", "early-413", final(413, "", "too_large"),
           more={"script": True, "body": 1 << 20}),
    # Each request leaves when the close of the connection before has arrived. What meets it
    # half-way falls under the second rule, which stale-reset shows.
    before("U-23", "stale-close", GOOD, more={"again": GOOD, "alone": True, "closes": True}),
    # A stream is over with its last event; whether its connection is kept is chance.
    Fault("U-23", "stale-reset", "before", plain=GOOD,
          more={"again": replace(LOST, hits=0), "alone": True}),
    *[Fault("U-24", "", "before", GOOD, GOOD, base=base)
      for base in ("localhost6", "localhost4", "localhost")],
]

FAULTS = [fault for fault in FAULTS if fault.plain or fault.stream]
ELSEWHERE = {"U-17": "test_pressure: FloodTest", "U-22": "test_pressure: KilledProviderTest",
             "U-24": "test_families"}


@dataclass
class Row:
    number: int
    fault: Fault
    mode: str
    second: str
    expected: Outcome
    answer: object = None
    attempts: list = None

    @property
    def slug(self):
        return "r%03d" % self.number

    def __str__(self):
        return "%s %s, %s, %s, %s" % (self.fault.id, self.fault.name, self.fault.when, self.mode,
                                      self.second)


def rows():
    out = []
    for fault in FAULTS:
        for mode in BOTH:
            expected = getattr(fault, mode)
            for second in (ALONE, SPARE) if expected else ():
                out.append(Row(len(out) + 1, fault, mode, second, expected))
    return out
