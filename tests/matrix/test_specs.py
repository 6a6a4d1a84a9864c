# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds what the matrix writes to the vendors' own API descriptions (OpenAPI): requests written to a
vendor, answers and stream events written to a client, as matrix_written prints them."""
import json
import os
import subprocess
import unittest
from pathlib import Path

try:
    import jsonschema
except ImportError:
    jsonschema = None

FIXTURES = os.environ.get("TOLLGATE_FIXTURES", "")
WRITTEN = os.environ.get("TOLLGATE_MATRIX_WRITTEN", "")

OPENAI = "specs/openai/openapi.gateway-subset.json"
OLLAMA = "specs/ollama/openapi.json"
SCHEMAS = {
    ("request", "chat"): (OPENAI, "CreateChatCompletionRequest"),
    ("answer", "chat"): (OPENAI, "CreateChatCompletionResponse"),
    ("event", "chat"): (OPENAI, "CreateChatCompletionStreamResponse"),
    ("request", "responses"): (OPENAI, "CreateResponse"),
    ("answer", "responses"): (OPENAI, "Response"),
    ("event", "responses"): (OPENAI, "ResponseStreamEvent"),
    ("request", "ollama"): (OLLAMA, "ChatRequest"),
    ("answer", "ollama"): (OLLAMA, "ChatResponse"),
    ("event", "ollama"): (OLLAMA, "ChatStreamEvent"),
}

# Where the description and what its own vendor does, or we mean, part: (kind, dialect, a piece of the
# complaint, reason). Each must be met at least once.
EXCEPTIONS = [
    ("request", "chat", "'video_url' is not one of", "OpenRouter's and Alibaba's"),
    ("request", "chat", "temperature: -1", "what was asked: its vendor refused it"),
    ("answer", "chat", "_index' is a required property", "a place that nobody told is not made up"),
    ("event", "chat", "service_tier:", "other vendors' tiers are told as they say them"),
    ("event", "chat", "'custom' is not one of", "streamed as whole answers tell them"),
    ("request", "responses", "'output_text' is not one of", "what the description says elsewhere"),
    ("answer", "responses", "user: None", "as the vendor says it"),
    ("answer", "responses", "usage: None", "a blocked prompt has none"),
    ("event", "responses", "user: None", "as the vendor says it"),
    ("event", "responses", "response.usage: None", "as the vendor says it"),
    ("event", "responses", "response.error", "other vendors' codes are told as they say them"),
]


def relaxed(schema):
    """The description as a validator reads it: OpenAPI's own words have no meaning to it, and a
    `$ref` beside other members is no reason to look at those."""
    if isinstance(schema, list):
        return [relaxed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    result = {}
    for name, value in schema.items():
        if name == "oneOf":
            name = "anyOf"  # some variants of the description are each other's
        if name in ("discriminator", "example", "examples", "x-oaiMeta", "xml", "externalDocs"):
            continue
        result[name] = relaxed(value)
    if result.pop("nullable", False):
        result = {"anyOf": [result, {"type": "null"}]}
    return result


class Description:
    def __init__(self, path):
        with open(Path(FIXTURES) / path, encoding="utf-8") as file:
            self.components = relaxed(json.load(file)["components"])
        self.validators = {}

    def validator(self, name):
        if name not in self.validators:
            schema = {"$ref": f"#/components/schemas/{name}", "components": self.components}
            self.validators[name] = jsonschema.Draft202012Validator(schema)
        return self.validators[name]

    def variants(self, name):
        """Of a union, by what each calls itself."""
        schema = self.components["schemas"][name]
        found = {}
        for variant in schema.get("anyOf", []) + schema.get("oneOf", []):
            inner = variant.get("$ref", "").rpartition("/")[2]
            if not inner:
                return {}
            kind = self.components["schemas"][inner].get("properties", {}).get("type", {})
            for word in kind.get("enum", []):
                found[word] = inner
        return found


def complaint(error):
    """The innermost reason; of a union, that of the variant which fits best."""
    while error.context:
        branches = {}
        for inner in error.context:
            branches.setdefault(inner.schema_path[0], []).append(inner)

        def misfit(errors):
            # Of another kind altogether, or wrong at its top, fits less than wrong deep inside.
            named = sum(1 for one in errors if one.absolute_path and one.absolute_path[-1] in ("type", "role"))
            depth = max(len(one.absolute_path) + deepest(one) for one in errors)
            return named, -depth, len(errors)

        error = min(min(branches.values(), key=misfit), key=lambda one: -deepest(one))
    where = ".".join("[]" if isinstance(step, int) else str(step) for step in error.absolute_path)
    return f"{where}: {error.message[:160]}"


def deepest(error):
    return max((1 + deepest(inner) + len(inner.absolute_path) for inner in error.context), default=0)


@unittest.skipUnless(jsonschema, "python3-jsonschema is not installed: nothing is validated")
@unittest.skipUnless(FIXTURES, "TOLLGATE_FIXTURES is not set: there are no API descriptions")
class Specs(unittest.TestCase):
    def test_everything_written_is_what_its_vendor_describes(self):
        written = subprocess.run([WRITTEN], stdout=subprocess.PIPE, check=True, timeout=300).stdout
        descriptions = {}
        wrong = {}
        met = set()
        counts = {}
        for line in written.decode("utf-8", "replace").splitlines():
            kind, dialect, name, text = line.split(" ", 3)
            path, schema = SCHEMAS[kind, dialect]
            if path not in descriptions:
                descriptions[path] = Description(path)
            description = descriptions[path]
            document = json.loads(text)
            counts[kind, dialect] = counts.get((kind, dialect), 0) + 1
            if kind == "event":
                # An error that ends a stream has a shape of its own in these two.
                if dialect in ("chat", "ollama") and "error" in document:
                    continue
                schema = description.variants(schema).get(document.get("type"), schema)
            for error in description.validator(schema).iter_errors(document):
                what = complaint(error)
                excepted = [one for one in EXCEPTIONS
                            if one[:2] == (kind, dialect) and one[2] in what]
                met.update(excepted)
                if not excepted:
                    wrong.setdefault(f"{kind} {dialect} {what}", name)
        for (kind, dialect), count in sorted(counts.items()):
            print(f"{count} shapes of {kind} in {dialect}")
        lines = [f"{what}  (first in {name})" for what, name in sorted(wrong.items())]
        self.assertFalse(lines, "\n" + "\n".join(lines))
        self.assertEqual(set(SCHEMAS), set(counts))
        self.assertEqual([one for one in EXCEPTIONS if one not in met], [])


if __name__ == "__main__":
    unittest.main()
