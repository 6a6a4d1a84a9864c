# SPDX-License-Identifier: GPL-3.0-or-later
"""From a request to what it asks for: the dialect and the operation, by path."""

import json
import re
from urllib.parse import parse_qs, unquote, urlsplit

from . import besides, dialects, kept, options, vendors, vertex
from .record import credential

GEMINI = re.compile(r"/(v1|v1beta|v1alpha)/(?:models|tunedModels)/([^/:]+):([A-Za-z]+)$")
BEDROCK = re.compile(r"/model/([^/]+)/converse(-stream)?$")
DEPLOYMENT = re.compile(r"/openai/deployments/([^/]+)/")


class Route:
    """`dialect` answers a generation; `plain` is a ready body for everything else."""

    def __init__(self):
        self.dialect = None
        self.plain = None
        self.status = 200  # of a plain answer
        self.content_type = "application/json"
        self.missing = False
        self.key = ""
        self.carrier = ""
        self.options = options.Options()

    @property
    def error_dialect(self):
        return self.dialect or dialects.Chat({}, "")


def decode(body):
    try:
        value = json.loads(body.decode("utf-8"))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


KEPT = kept.Kept()


def find(request, script, fallback):
    parts = urlsplit(request.target)
    query = parse_qs(parts.query)
    path = parts.path
    body = decode(request.body)
    route = Route()
    route.key, route.carrier = credential(request, query)
    model = body.get("model", "")
    cloud = vertex.find(path)
    gemini = None if cloud else GEMINI.search(path)
    deployment = DEPLOYMENT.search(path)
    bedrock = BEDROCK.search(path)
    if gemini:
        model = unquote(gemini.group(2))
    elif cloud:
        model = body.get("model", cloud[1])
    elif bedrock:
        model = unquote(bedrock.group(1))
    elif deployment:
        model = unquote(deployment.group(1))
        body = dict(body, model=model)
    route.options = (script.next(route.key) or header_options(request)
                     or options.of_model(model) or fallback)
    kept_answer = KEPT.find(request, path, route.key)
    if cloud:
        cloud_route(route, request, body, query, *cloud)
    elif kept_answer:
        route.status, route.content_type, route.plain = kept_answer
    elif path == "/token":
        route.plain = vertex.token(request)
        route.missing = route.plain is None
    elif gemini:
        gemini_route(route, body, model, gemini.group(3), query)
    elif request.method == "GET" and path.rstrip("/").endswith("/models"):
        if path.rstrip("/").endswith("/v1beta/models"):
            route.plain = dialects.gemini_models()
        elif request.header("anthropic-version"):
            route.plain = dialects.anthropic_models()
        else:
            route.plain = dialects.openai_models()
    elif request.method != "POST":
        route.missing = True
    elif bedrock:
        route.dialect = vendors.Converse(body, request.target, model, bool(bedrock.group(2)))
    elif path.endswith("/v2/chat"):
        route.dialect = vendors.Cohere(body, request.target)
    elif path.endswith("/messages/count_tokens"):
        route.dialect = dialects.Messages(body, request.target)
        route.plain = route.dialect.count()
    elif path.endswith("/chat/completions"):
        route.dialect = dialects.Chat(body, request.target)
    elif path.endswith("/completions"):
        route.dialect = dialects.Completions(body, request.target)
    elif path.endswith("/responses"):
        route.dialect = dialects.Responses(body, request.target)
    elif path.endswith("/messages"):
        route.dialect = dialects.Messages(body, request.target)
    elif path.endswith("/embeddings"):
        route.plain = dialects.openai_embeddings(body, route.options)
    else:
        route.plain = besides.find(path, body)
        route.missing = route.plain is None
    return route


def cloud_route(route, request, body, query, publisher, model, method):
    if publisher == "google":
        gemini_route(route, body, model, method, query)
        return
    body = vertex.claude(body, model, method)
    route.missing = body is None or method not in ("rawPredict", "streamRawPredict")
    if not route.missing:
        route.dialect = dialects.Messages(body, request.target)
        route.plain = route.dialect.count() if model == "count-tokens" else None


def header_options(request):
    text = request.header("x-fault")
    return options.Options(text) if text else None


def gemini_route(route, body, model, method, query):
    route.dialect = dialects.Gemini(body, "", model, method, query.get("alt") == ["sse"])
    if method in ("generateContent", "streamGenerateContent"):
        return
    if method == "countTokens":
        inner = body.get("generateContentRequest") or body
        route.plain = dialects.dump({"totalTokens": dialects.Gemini(
            inner, "", model, method, False).read().input_words})
    elif method == "embedContent":
        route.plain = dialects.dump({"embedding": dialects.gemini_embed(body.get("content"))})
    elif method == "batchEmbedContents":
        route.plain = dialects.dump({"embeddings": [
            dialects.gemini_embed(item.get("content")) for item in body.get("requests") or []]})
    else:
        route.missing = True
