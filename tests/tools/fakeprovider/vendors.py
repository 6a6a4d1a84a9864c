# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendors with a dialect of their own that no client speaks: Cohere, and Bedrock's Converse with
its binary stream."""

import base64
import json
import struct
import zlib

from .answer import Conversation
from .dialects import Dialect, Event, count_types, dump, last_user_words


class Cohere(Dialect):
    def read(self):
        talk = Conversation()
        turns = self.body.get("messages") or []
        talk.model = self.body.get("model", "")
        talk.last_user = last_user_words(turns)
        talk.learn("", turns)
        talk.tools = [tool["function"]["name"] for tool in self.body.get("tools") or []]
        if turns and turns[-1].get("role") == "tool":
            talk.tool_result = turns[-1].get("content")
        talk.results = sum(turn.get("role") == "tool" for turn in turns)
        talk.seals = sum(bool(turn.get("tool_plan")) or count_types(turn, "thinking") > 0
                         for turn in turns if turn.get("role") == "assistant")
        talk.images = count_types(turns, "image_url")
        form = self.body.get("response_format") or {}
        talk.schema = form.get("json_schema")
        talk.json_mode = form.get("type") == "json_object"
        return talk

    @staticmethod
    def reason(answer):
        return "TOOL_CALL" if answer.tool else "COMPLETE"

    def usage(self, answer):
        if answer.usage.absent:
            return {}
        odd = answer.usage.odd
        tokens = {"input_tokens": odd(answer.usage.input), "output_tokens": odd(answer.usage.output)}
        return {"usage": {"billed_units": tokens, "tokens": tokens}}

    def call(self, answer, arguments):
        return {"id": "weather_%d" % answer.number, "type": "function",
                "function": {"name": answer.tool, "arguments": arguments}}

    def whole(self, answer):
        message = {"role": "assistant"}
        content = []
        if answer.thought:
            content.append({"type": "thinking", "thinking": answer.thought})
        if answer.tool:
            message["tool_calls"] = [self.call(answer, answer.arguments)]
        else:
            content.append({"type": "text", "text": answer.whole_text()})
        if content:
            message["content"] = content
        return dump({"id": self.identity(""), "finish_reason": self.reason(answer),
                     "message": message, **self.usage(answer)})

    def events(self, answer):
        out = []

        def add(kind, message=None, text=False, index=0, **delta):
            data = {"type": kind}
            if kind == "message-start":
                data["id"] = self.identity("")
            elif kind != "message-end":
                data["index"] = index
            if message is not None:
                delta["message"] = message
            if delta:
                data["delta"] = delta
            out.append(Event(data, kind, text))

        add("message-start", {"role": "assistant", "content": [], "tool_plan": "",
                              "tool_calls": [], "citations": []})
        if answer.thought:
            add("content-start", {"content": {"type": "thinking", "thinking": ""}})
            add("content-delta", {"content": {"thinking": answer.thought}}, True)
            add("content-end")
        index = 1 if answer.thought else 0
        if answer.tool:
            add("tool-call-start", {"tool_calls": self.call(answer, "")}, True)
            middle = len(answer.arguments) // 2
            for piece in (answer.arguments[:middle], answer.arguments[middle:]):
                add("tool-call-delta", {"tool_calls": {"function": {"arguments": piece}}}, True)
            add("tool-call-end")
        else:
            add("content-start", {"content": {"type": "text", "text": ""}}, index=index)
            for piece in answer.pieces:
                add("content-delta", {"content": {"text": piece}}, True, index)
            add("content-end", index=index)
        add("message-end", finish_reason=self.reason(answer), **self.usage(answer))
        return out

    def error(self, status, message, code):
        return dump({"id": "fake", "message": message})

    def error_event(self):
        return Event({"type": "message-end", "delta": {"finish_reason": "ERROR",
                                                       "error": "The server had an error."}},
                     "message-end")

    def odd_event(self):
        return Event({"type": "surprise"}, "surprise")


class Message(Event):
    """One message of application/vnd.amazon.eventstream."""

    def __init__(self, name, data, text=False, kind="event"):
        super().__init__(data, name, text)
        self.kind = kind

    def encode(self, eol=b"\n"):
        headers = b""
        for name, value in ((":message-type", self.kind), (":%s-type" % self.kind, self.name),
                            (":content-type", "application/json")):
            headers += (bytes([len(name)]) + name.encode() + b"\x07"
                        + struct.pack(">H", len(value)) + value.encode())
        prelude = struct.pack(">II", 16 + len(headers) + len(self.data), len(headers))
        message = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + self.data
        return message + struct.pack(">I", zlib.crc32(message))


class Converse(Dialect):
    content_type = "application/vnd.amazon.eventstream"

    def __init__(self, body, target, model, stream):
        super().__init__(body, target)
        self.model = model
        self.stream = stream

    def wants_stream(self):
        return self.stream

    def read(self):
        talk = Conversation()
        turns = self.body.get("messages") or []
        talk.model = self.model
        talk.last_user = last_user_words(turns)
        talk.learn(self.body.get("system") or "", turns)
        specs = [tool.get("toolSpec") for tool in
                 (self.body.get("toolConfig") or {}).get("tools") or []]
        talk.tools = [spec["name"] for spec in specs if spec]
        blocks = [block for turn in turns for block in turn.get("content") or []]
        results = [block["toolResult"] for block in blocks if "toolResult" in block]
        talk.results = len(results)
        if turns and any("toolResult" in block for block in turns[-1]["content"]):
            talk.tool_result = results[-1].get("content")
        talk.seals = sum(
            ((block.get("reasoningContent") or {}).get("reasoningText") or {})
            .get("signature", "").startswith("SIG+/=") for block in blocks)
        talk.images = sum("image" in block for block in blocks)
        form = (self.body.get("outputConfig") or {}).get("textFormat") or {}
        if form:
            talk.schema = json.loads(form["structure"]["jsonSchema"]["schema"])
        return talk

    def usage(self, usage):
        odd = usage.odd
        return {"inputTokens": odd(usage.input), "outputTokens": odd(usage.output),
                "totalTokens": odd(usage.input + usage.output)}

    def call(self, answer):
        return {"toolUseId": "tooluse_%d" % answer.number, "name": answer.tool}

    @staticmethod
    def stop(answer):
        return "tool_use" if answer.tool else "end_turn"

    def whole(self, answer):
        content = []
        if answer.thought:
            content.append({"reasoningContent": {"reasoningText": {
                "text": answer.thought, "signature": "SIG+/=%d" % answer.number}}})
        if answer.tool:
            content.append({"toolUse": {**self.call(answer),
                                        "input": json.loads(answer.arguments)}})
        else:
            content.append({"text": answer.whole_text()})
        result = {"output": {"message": {"role": "assistant", "content": content}},
                  "stopReason": self.stop(answer), "metrics": {"latencyMs": 1}}
        if not answer.usage.absent:
            result["usage"] = self.usage(answer.usage)
        return dump(result)

    def events(self, answer):
        out = [Message("messageStart", {"role": "assistant"})]

        def delta(index, what):
            out.append(Message("contentBlockDelta",
                               {"contentBlockIndex": index, "delta": what}, True))

        index = 0
        if answer.thought:
            delta(0, {"reasoningContent": {"text": answer.thought}})
            delta(0, {"reasoningContent": {"signature": "SIG+/=%d" % answer.number}})
            out.append(Message("contentBlockStop", {"contentBlockIndex": 0}))
            index = 1
        if answer.tool:
            out.append(Message("contentBlockStart", {
                "contentBlockIndex": index, "start": {"toolUse": self.call(answer)}}, True))
            middle = len(answer.arguments) // 2
            for piece in (answer.arguments[:middle], answer.arguments[middle:]):
                delta(index, {"toolUse": {"input": piece}})
        else:
            for piece in answer.pieces:
                delta(index, {"text": piece})
        out.append(Message("contentBlockStop", {"contentBlockIndex": index}))
        out.append(Message("messageStop", {"stopReason": self.stop(answer)}))
        if not answer.usage.absent:
            out.append(Message("metadata", {"usage": self.usage(answer.usage),
                                            "metrics": {"latencyMs": 1}}))
        return out

    def error(self, status, message, code):
        return dump({"message": message})

    def error_event(self):
        return Message("throttlingException", {"message": "Too many requests."},
                       kind="exception")

    def odd_event(self):
        return Message("surprise", {"p": base64.b64encode(b"x").decode()})
