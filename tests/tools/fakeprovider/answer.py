# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pretended model says, before any dialect spells it: deterministic, so that a test can
compute text and usage from its own request."""

import json


def words_of(value):
    """All words of the strings under a JSON value's text-carrying members."""
    if isinstance(value, str):
        return value.split()
    if isinstance(value, list):
        return [word for item in value for word in words_of(item)]
    if isinstance(value, dict):
        found = []
        for name in ("content", "text", "parts", "output", "input_text", "response", "result"):
            if name in value:
                found += words_of(value[name])
        return found
    return []


class Conversation:
    """The few things of a request that shape the answer, in any dialect."""

    def __init__(self):
        self.model = ""
        self.last_user = []
        self.input_words = 0
        self.tools = []  # names
        self.forced_tool = False
        self.tool_result = None
        self.results = 0  # of tools, so far
        self.seals = 0  # reasoning of ours that came back as we had sealed it
        self.images = 0
        self.schema = None
        self.json_mode = False

    def learn(self, system, turns):
        self.input_words = len(words_of(system)) + sum(len(words_of(turn)) for turn in turns)


def sample(schema, depth=0):
    """The smallest value that satisfies the common part of a JSON schema."""
    if not isinstance(schema, dict) or depth > 16:
        return None
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for union in ("anyOf", "oneOf", "allOf"):
        if schema.get(union):
            return sample(schema[union][0], depth + 1)
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = kind[0]
    kind = (kind or ("object" if "properties" in schema else "null")).lower()
    if kind == "object":
        return {name: sample(child, depth + 1) for name, child in schema.get("properties", {}).items()}
    if kind == "array":
        return [sample(schema.get("items"), depth + 1) for _ in range(schema.get("minItems", 1))]
    return {"string": "pong", "integer": 7, "number": 1.5, "boolean": True}.get(kind)


class Answer:
    def __init__(self, conversation, options):
        self.model = conversation.model
        self.tool = None
        self.arguments = None
        self.number = conversation.results + 1
        self.thought = None
        rounds = options.integer("rounds", 1)
        thinks = options.get("think") is not None
        if thinks:
            self.thought = "thinking about step %d" % self.number
        if conversation.tool_result is not None and thinks and conversation.results >= rounds:
            text = "%d results, %d seals" % (conversation.results, conversation.seals)
        elif conversation.images:
            text = "%d images" % conversation.images
        elif conversation.tool_result is not None:
            text = "The tool said: " + " ".join(words_of(conversation.tool_result))
        elif conversation.schema is not None or conversation.json_mode:
            text = json.dumps(sample(conversation.schema or {"type": "object"}), separators=(",", ":"))
        else:
            text = "echo: " + " ".join(conversation.last_user)
        if conversation.tools and (conversation.tool_result is None or conversation.results < rounds):
            self.tool = conversation.tools[0]
            self.arguments = '{"city": "Zürich", "n": 1.0}'
            text = ""
        if options.get("text") is not None:
            text = options.get("text").replace("_", " ")
        if options.get("words") is not None:
            text = " ".join("w%d" % n for n in range(options.integer("words", 1)))
        self.text = text
        count = max(1, len(text.split()))
        self.pieces = self._split(text, options.integer("events", count)) if text else []
        self.usage = Usage(conversation, self, options)

    @staticmethod
    def _split(text, count):
        """`count` pieces that join to the text; each carries its leading blank, as models do. When
        more are asked for than there are words, the last word is followed by numbered ones."""
        words = text.split(" ")
        if count > len(words):
            words += ["w%d" % n for n in range(len(words), count)]
        per = max(1, -(-len(words) // max(1, count)))
        groups = [" ".join(words[at:at + per]) for at in range(0, len(words), per)]
        return [groups[0]] + [" " + group for group in groups[1:]]

    def whole_text(self):
        return "".join(self.pieces)


class Usage:
    def __init__(self, conversation, answer, options):
        produced = len(answer.whole_text().split()) if answer.pieces else 5
        self.reasoning = options.integer("reasoning", 0)
        self.input = options.integer("in", conversation.input_words)
        self.output = options.integer("out", produced + self.reasoning)
        self.cached = options.integer("cached", 0)
        self.written = options.integer("written", 0)
        self.oddity = options.get("usage")

    def odd(self, number):
        """The number as the wanted oddity spells it."""
        return {"zero": 0, "negative": -5, "huge": 9223372036854775808, "float": number + 0.5,
                "string": str(number), "null": None}.get(self.oddity, number)

    @property
    def absent(self):
        return self.oddity == "absent"
