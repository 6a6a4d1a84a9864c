# SPDX-License-Identifier: GPL-3.0-or-later
"""How each vendor spells an answer: whole and as a stream, errors, model lists, embeddings."""

import base64
import hashlib
import json
import struct

from .answer import Answer, Conversation, words_of

CREATED = 1700000000
MODELS = ["gpt-test", "claude-test", "gemini-test", "embed-test"]


def dump(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def last_user_words(turns, role_name="user"):
    for turn in reversed(turns):
        if isinstance(turn, dict) and turn.get("role", role_name) == role_name:
            found = words_of(turn.get("content", turn.get("parts", "")))
            if found:
                return found
    return []


def count_types(value, kind):
    """How many objects in a JSON value say that they are of this type."""
    if isinstance(value, list):
        return sum(count_types(item, kind) for item in value)
    if isinstance(value, dict):
        return (value.get("type") == kind) + sum(count_types(item, kind) for item in value.values())
    return 0


class Event:
    """One event of a stream; `text` marks those that carry the model's words."""

    def __init__(self, data, name=None, text=False):
        self.data = data if isinstance(data, bytes) else dump(data)
        self.name = name
        self.text = text

    def encode(self, eol=b"\n"):
        name = b"event: " + self.name.encode() + eol if self.name else b""
        return name + b"data: " + self.data + eol + eol


class Dialect:
    eol = b"\n"
    content_type = "text/event-stream; charset=utf-8"  # of streams
    end_events = 1  # how many events at the end make the answer complete

    def __init__(self, body, target):
        self.body = body
        self.target = target

    def wants_stream(self):
        return self.body.get("stream") is True

    def identity(self, prefix):
        return prefix + hashlib.sha256(dump(self.body)).hexdigest()[:24]


class Chat(Dialect):
    def read(self):
        talk = Conversation()
        turns = self.body.get("messages") or []
        talk.model = self.body.get("model", "")
        talk.last_user = last_user_words(turns)
        talk.learn("", turns)
        talk.tools = [tool.get("function", {}).get("name") for tool in self.body.get("tools") or []]
        if turns and turns[-1].get("role") == "tool":
            talk.tool_result = turns[-1].get("content")
        talk.results = sum(turn.get("role") == "tool" for turn in turns)
        talk.seals = sum(bool(turn.get("reasoning_content")) for turn in turns)
        talk.images = count_types(turns, "image_url")
        form = self.body.get("response_format") or {}
        talk.schema = (form.get("json_schema") or {}).get("schema")
        talk.json_mode = form.get("type") == "json_object"
        return talk

    def usage(self, usage):
        odd = usage.odd
        return {"prompt_tokens": odd(usage.input), "completion_tokens": odd(usage.output),
                "total_tokens": odd(usage.input + usage.output),
                "prompt_tokens_details": {"cached_tokens": odd(usage.cached), "audio_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": odd(usage.reasoning),
                                              "audio_tokens": 0}}

    def whole(self, answer):
        message = {"role": "assistant", "content": answer.whole_text() or None, "refusal": None}
        if answer.thought:
            message["reasoning_content"] = answer.thought
        if answer.tool:
            message["tool_calls"] = [{"id": "call_%d" % answer.number, "type": "function", "function": {
                "name": answer.tool, "arguments": answer.arguments}}]
        result = {"id": self.identity("chatcmpl-"), "object": "chat.completion",
                  "created": CREATED, "model": answer.model,
                  "choices": [{"index": 0, "message": message, "logprobs": None,
                               "finish_reason": "tool_calls" if answer.tool else "stop"}]}
        if not answer.usage.absent:
            result["usage"] = self.usage(answer.usage)
        return dump(result)

    def chunk(self, answer, choices, usage=None):
        result = {"id": self.identity("chatcmpl-"), "object": "chat.completion.chunk",
                  "created": CREATED, "model": answer.model, "choices": choices}
        if self.with_usage():
            result["usage"] = usage
        return result

    def with_usage(self):
        return (self.body.get("stream_options") or {}).get("include_usage") is True

    def delta(self, answer, delta, finish=None):
        return self.chunk(answer, [{"index": 0, "delta": delta, "finish_reason": finish}])

    def events(self, answer):
        out = [Event(self.delta(answer, {"role": "assistant", "content": ""}))]
        if answer.thought:
            out.append(Event(self.delta(answer, {"reasoning_content": answer.thought}), text=True))
        for piece in answer.pieces:
            out.append(Event(self.delta(answer, {"content": piece}), text=True))
        if answer.tool:
            out.append(Event(self.delta(answer, {"tool_calls": [{
                "index": 0, "id": "call_%d" % answer.number, "type": "function",
                "function": {"name": answer.tool, "arguments": ""}}]}), text=True))
            middle = len(answer.arguments) // 2
            for piece in (answer.arguments[:middle], answer.arguments[middle:]):
                out.append(Event(self.delta(answer, {"tool_calls": [{
                    "index": 0, "function": {"arguments": piece}}]}), text=True))
        out.append(Event(self.delta(answer, {}, "tool_calls" if answer.tool else "stop")))
        if self.with_usage() and not answer.usage.absent:
            usage = self.usage(answer.usage)
            if answer.usage.oddity == "decreasing":
                bigger = dict(usage, prompt_tokens=usage["prompt_tokens"] + 50,
                              completion_tokens=usage["completion_tokens"] + 50)
                out.append(Event(self.chunk(answer, [], bigger)))
            out.append(Event(self.chunk(answer, [], usage)))
            if answer.usage.oddity == "twice":
                out.append(Event(self.chunk(answer, [], usage)))
        out.append(Event(b"[DONE]"))
        return out

    def error(self, status, message, code):
        kind = {401: "invalid_request_error", 429: "requests"}.get(
            status, "server_error" if status >= 500 else "invalid_request_error")
        return dump({"error": {"message": message, "type": kind, "param": None, "code": code}})

    def error_event(self):
        return Event(self.error(500, "The server had an error while processing your request.", None))

    def odd_event(self):
        return Event({"object": "chat.completion.surprise", "choices": []}, "surprise")


class Completions(Chat):
    def read(self):
        talk = Conversation()
        prompt = self.body.get("prompt")
        talk.model = self.body.get("model", "")
        talk.last_user = words_of(prompt)
        talk.input_words = len(words_of(prompt))
        return talk

    def whole(self, answer):
        result = {"id": self.identity("cmpl-"), "object": "text_completion", "created": CREATED,
                  "model": answer.model,
                  "choices": [{"text": answer.whole_text(), "index": 0, "logprobs": None,
                               "finish_reason": "stop"}]}
        if not answer.usage.absent:
            result["usage"] = self.usage(answer.usage)
        return dump(result)

    def delta(self, answer, delta, finish=None):
        result = self.chunk(answer, [{"text": delta.get("content", ""), "index": 0,
                                      "logprobs": None, "finish_reason": finish}])
        result.update(id=self.identity("cmpl-"), object="text_completion")
        return result


class Responses(Dialect):
    def read(self):
        talk = Conversation()
        given = self.body.get("input", "")
        turns = [{"role": "user", "content": given}] if isinstance(given, str) else given
        talk.model = self.body.get("model", "")
        talk.last_user = last_user_words(turns)
        talk.learn(self.body.get("instructions") or "", turns)
        talk.tools = [tool.get("name") for tool in self.body.get("tools") or []
                      if tool.get("type") in ("function", "custom")]
        if turns and isinstance(turns[-1], dict) and turns[-1].get("type") == "function_call_output":
            talk.tool_result = turns[-1].get("output")
        kinds = [turn.get("type") for turn in turns if isinstance(turn, dict)]
        talk.results = kinds.count("function_call_output")
        talk.seals = sum(str(turn.get("encrypted_content") or "").startswith("ENC+/=")
                         for turn in turns if isinstance(turn, dict))
        talk.images = count_types(turns, "input_image")
        form = (self.body.get("text") or {}).get("format") or {}
        talk.schema = form.get("schema")
        talk.json_mode = form.get("type") == "json_object"
        return talk

    def usage(self, usage):
        odd = usage.odd
        return {"input_tokens": odd(usage.input),
                "input_tokens_details": {"cached_tokens": odd(usage.cached)},
                "output_tokens": odd(usage.output),
                "output_tokens_details": {"reasoning_tokens": odd(usage.reasoning)},
                "total_tokens": odd(usage.input + usage.output)}

    def item(self, answer, done=True):
        if answer.tool:
            return {"id": "fc_%d" % answer.number, "type": "function_call",
                    "call_id": "call_%d" % answer.number,
                    "name": answer.tool, "arguments": answer.arguments if done else "",
                    "status": "completed" if done else "in_progress"}
        content = [self.part(answer)] if done else []
        return {"id": "msg_1", "type": "message", "role": "assistant", "content": content,
                "status": "completed" if done else "in_progress"}

    @staticmethod
    def reasoning(answer, done=True):
        return {"id": "rs_%d" % answer.number, "type": "reasoning",
                "summary": [{"type": "summary_text", "text": answer.thought}] if done else [],
                "encrypted_content": "ENC+/=%d" % answer.number if done else None}

    def items(self, answer):
        return ([self.reasoning(answer)] if answer.thought else []) + [self.item(answer)]

    @staticmethod
    def part(answer):
        return {"type": "output_text", "text": answer.whole_text(), "annotations": [],
                "logprobs": []}

    def response(self, answer, status, items):
        result = {"id": self.identity("resp_"), "object": "response", "created_at": CREATED,
                  "status": status, "error": None, "incomplete_details": None,
                  "instructions": self.body.get("instructions"), "metadata": {},
                  "model": answer.model, "output": items, "parallel_tool_calls": True,
                  "temperature": 1.0, "tool_choice": "auto", "tools": self.body.get("tools") or [],
                  "top_p": 1.0, "store": False, "usage": None}
        if status == "completed" and not answer.usage.absent:
            result["usage"] = self.usage(answer.usage)
        return result

    def whole(self, answer):
        return dump(self.response(answer, "completed", self.items(answer)))

    def events(self, answer):
        out = []

        def add(name, carries=False, **members):
            out.append(Event(dict({"type": name, "sequence_number": len(out)}, **members), name,
                             carries))

        add("response.created", response=self.response(answer, "in_progress", []))
        add("response.in_progress", response=self.response(answer, "in_progress", []))
        if answer.thought:
            self.think(answer, add)
        index = len(self.items(answer)) - 1
        add("response.output_item.added", output_index=index, item=self.item(answer, False))
        place = {"output_index": index, "item_id": self.item(answer)["id"]}
        if answer.tool:
            middle = len(answer.arguments) // 2
            for piece in (answer.arguments[:middle], answer.arguments[middle:]):
                add("response.function_call_arguments.delta", True, delta=piece, **place)
            add("response.function_call_arguments.done", arguments=answer.arguments, **place)
        else:
            place["content_index"] = 0
            add("response.content_part.added", **place, part={
                "type": "output_text", "text": "", "annotations": [], "logprobs": []})
            for piece in answer.pieces:
                add("response.output_text.delta", True, delta=piece, logprobs=[], **place)
            add("response.output_text.done", text=answer.whole_text(), logprobs=[], **place)
            add("response.content_part.done", part=self.part(answer), **place)
        add("response.output_item.done", output_index=index, item=self.item(answer))
        add("response.completed", response=self.response(answer, "completed", self.items(answer)))
        return out

    def think(self, answer, add):
        place = {"output_index": 0, "item_id": self.reasoning(answer)["id"], "summary_index": 0}
        part = {"type": "summary_text", "text": answer.thought}
        add("response.output_item.added", output_index=0, item=self.reasoning(answer, False))
        add("response.reasoning_summary_part.added", part=dict(part, text=""), **place)
        add("response.reasoning_summary_text.delta", True, delta=answer.thought, **place)
        add("response.reasoning_summary_text.done", text=answer.thought, **place)
        add("response.reasoning_summary_part.done", part=part, **place)
        add("response.output_item.done", output_index=0, item=self.reasoning(answer))

    error = Chat.error

    def error_event(self):
        return Event({"type": "error", "sequence_number": 99, "code": "server_error",
                      "message": "The server had an error.", "param": None}, "error")

    def odd_event(self):
        return Event({"type": "response.surprise", "sequence_number": 98}, "response.surprise")


class Messages(Dialect):
    def read(self):
        talk = Conversation()
        turns = self.body.get("messages") or []
        talk.model = self.body.get("model", "")
        talk.last_user = last_user_words(turns)
        talk.learn(self.body.get("system") or "", turns)
        talk.tools = [tool.get("name") for tool in self.body.get("tools") or []]
        last = turns[-1].get("content") if turns else None
        if isinstance(last, list):
            for block in last:
                if block.get("type") == "tool_result":
                    talk.tool_result = block.get("content", "")
        talk.results = count_types(turns, "tool_result")
        talk.seals = sum(block.get("type") == "thinking" and block.get("signature", "").startswith("SIG+/=")
                         for turn in turns if isinstance(turn.get("content"), list)
                         for block in turn["content"])
        talk.images = count_types(turns, "image")
        form = (self.body.get("output_config") or {}).get("format") or self.body.get("output_format")
        talk.schema = (form or {}).get("schema")
        return talk

    def usage(self, usage):
        odd = usage.odd
        return {"input_tokens": odd(usage.input), "cache_creation_input_tokens": odd(usage.written),
                "cache_read_input_tokens": odd(usage.cached), "output_tokens": odd(usage.output),
                "cache_creation": {"ephemeral_5m_input_tokens": odd(usage.written),
                                   "ephemeral_1h_input_tokens": 0},
                "service_tier": "standard"}

    def blocks(self, answer):
        thought = [{"type": "thinking", "thinking": answer.thought,
                    "signature": "SIG+/=%d" % answer.number}] if answer.thought else []
        if answer.tool:
            return thought + [{"type": "tool_use", "id": "toolu_%d" % answer.number,
                               "name": answer.tool, "input": json.loads(answer.arguments)}]
        return thought + [{"type": "text", "text": answer.whole_text()}]

    def message(self, answer, content, stop):
        result = {"id": self.identity("msg_"), "type": "message", "role": "assistant",
                  "model": answer.model, "content": content, "stop_reason": stop,
                  "stop_sequence": None}
        if not answer.usage.absent:
            result["usage"] = self.usage(answer.usage)
        return result

    def stop(self, answer):
        return "tool_use" if answer.tool else "end_turn"

    def whole(self, answer):
        return dump(self.message(answer, self.blocks(answer), self.stop(answer)))

    def events(self, answer):
        out = []

        def add(name, text=False, **members):
            out.append(Event(dict({"type": name}, **members), name, text))

        start = self.message(answer, [], None)
        if "usage" in start:
            start["usage"]["output_tokens"] = 1
        add("message_start", message=start)
        index = 0
        if answer.thought:
            add("content_block_start", index=0, content_block={
                "type": "thinking", "thinking": "", "signature": ""})
            add("content_block_delta", True, index=0, delta={
                "type": "thinking_delta", "thinking": answer.thought})
            add("content_block_delta", True, index=0, delta={
                "type": "signature_delta", "signature": "SIG+/=%d" % answer.number})
            add("content_block_stop", index=0)
            index = 1
        if answer.tool:
            add("content_block_start", index=index, content_block={
                "type": "tool_use", "id": "toolu_%d" % answer.number, "name": answer.tool,
                "input": {}})
            middle = len(answer.arguments) // 2
            for piece in ("", answer.arguments[:middle], answer.arguments[middle:]):
                add("content_block_delta", True, index=index, delta={
                    "type": "input_json_delta", "partial_json": piece})
        else:
            add("content_block_start", index=index, content_block={"type": "text", "text": ""})
            add("ping")
            for piece in answer.pieces:
                add("content_block_delta", True, index=index, delta={
                    "type": "text_delta", "text": piece})
        add("content_block_stop", index=index)
        finish = {"delta": {"stop_reason": self.stop(answer), "stop_sequence": None}}
        if not answer.usage.absent:
            finish["usage"] = {"output_tokens": answer.usage.odd(answer.usage.output)}
            if answer.usage.oddity == "decreasing":
                add("message_delta", delta={"stop_reason": None, "stop_sequence": None},
                    usage={"output_tokens": answer.usage.output + 50})
            if answer.usage.oddity == "twice":
                add("message_delta", **finish)
        add("message_delta", **finish)
        add("message_stop")
        return out

    def error(self, status, message, code):
        kind = {400: "invalid_request_error", 401: "authentication_error", 402: "billing_error",
                403: "permission_error", 404: "not_found_error", 413: "request_too_large",
                429: "rate_limit_error", 529: "overloaded_error"}.get(status, "api_error")
        return dump({"type": "error", "error": {"type": kind, "message": message},
                     "request_id": "req_fake"})

    def error_event(self):
        return Event(self.error(529, "Overloaded", None), "error")

    def odd_event(self):
        return Event({"type": "surprise"}, "surprise")

    def count(self):
        return dump({"input_tokens": self.read().input_words})


class Gemini(Dialect):
    eol = b"\r\n"

    def __init__(self, body, target, model, method, sse):
        super().__init__(body, target)
        self.model = model
        self.method = method
        self.sse = sse

    def wants_stream(self):
        return self.method == "streamGenerateContent"

    def read(self):
        talk = Conversation()
        turns = self.body.get("contents") or []
        talk.model = self.model
        talk.last_user = last_user_words(turns)
        talk.learn(self.body.get("systemInstruction") or "", turns)
        for tool in self.body.get("tools") or []:
            talk.tools += [item.get("name") for item in tool.get("functionDeclarations") or []]
        for part in (turns[-1].get("parts") or []) if turns else []:
            if "functionResponse" in part:
                given = part["functionResponse"].get("response") or {}
                talk.tool_result = given.get("output", given.get("result", dump(given).decode()))
        parts = [part for turn in turns for part in turn.get("parts") or []]
        talk.results = sum("functionResponse" in part for part in parts)
        talk.seals = sum(part.get("thoughtSignature", "").startswith("R0VN") for part in parts)
        talk.images = sum("inlineData" in part or "fileData" in part for part in parts)
        config = self.body.get("generationConfig") or {}
        talk.schema = config.get("responseSchema") or config.get("responseJsonSchema")
        talk.json_mode = config.get("responseMimeType") == "application/json"
        return talk

    def usage(self, usage):
        odd = usage.odd
        visible = usage.output - usage.reasoning
        result = {"promptTokenCount": odd(usage.input), "candidatesTokenCount": odd(visible),
                  "totalTokenCount": odd(usage.input + usage.output)}
        if usage.cached:
            result["cachedContentTokenCount"] = odd(usage.cached)
        if usage.reasoning:
            result["thoughtsTokenCount"] = odd(usage.reasoning)
        return result

    def reply(self, answer, parts, finish, usage=True):
        candidate = {"content": {"role": "model", "parts": parts}, "index": 0}
        if finish:
            candidate["finishReason"] = finish
        result = {"candidates": [candidate], "modelVersion": answer.model,
                  "responseId": self.identity("")}
        if usage and not answer.usage.absent:
            result["usageMetadata"] = self.usage(answer.usage)
        return result

    def parts(self, answer):
        if not answer.tool:
            return self.thoughts(answer) + [{"text": answer.whole_text()}]
        call = {"functionCall": {"name": answer.tool, "args": json.loads(answer.arguments)}}
        if answer.thought:
            call["thoughtSignature"] = "R0VN%04d" % answer.number  # base64, as the API's are
        return self.thoughts(answer) + [call]

    @staticmethod
    def thoughts(answer):
        return [{"text": answer.thought, "thought": True}] if answer.thought else []

    def whole(self, answer):
        return dump(self.reply(answer, self.parts(answer), "STOP"))

    def events(self, answer):
        if answer.tool:
            return [Event(self.reply(answer, self.parts(answer), "STOP"), text=True)]
        out = [Event(self.reply(answer, [part], None, False), text=True)
               for part in self.thoughts(answer)]
        out += [Event(self.reply(answer, [{"text": piece}], None, False), text=True)
                for piece in answer.pieces[:-1]]
        if answer.usage.oddity == "decreasing":
            early = self.reply(answer, [{"text": ""}], None)
            early["usageMetadata"]["candidatesTokenCount"] += 50
            out.append(Event(early))
        out.append(Event(self.reply(answer, [{"text": answer.pieces[-1]}], "STOP"), text=True))
        return out

    def error(self, status, message, code):
        name = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED",
                404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED", 503: "UNAVAILABLE"}.get(
                    status, "INTERNAL")
        return dump({"error": {"code": status, "message": message, "status": name}})

    def error_event(self):
        return Event(self.error(503, "The model is overloaded.", None))

    def odd_event(self):
        return Event({"surprise": True})


def vector(text, size):
    """Numbers that float32 holds exactly, so that base64 and float answers are equal."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return [(digest[n % 32] - 128) / 256.0 for n in range(size)]


def openai_embeddings(body, options):
    given = body.get("input")
    items = given if isinstance(given, list) and not (given and isinstance(given[0], int)) else [given]
    size = body.get("dimensions") or 8
    data = []
    for index, item in enumerate(items):
        numbers = vector(item if isinstance(item, str) else json.dumps(item), size)
        if body.get("encoding_format") == "base64":
            numbers = base64.b64encode(struct.pack("<%df" % size, *numbers)).decode()
        data.append({"object": "embedding", "index": index, "embedding": numbers})
    count = options.integer("in", sum(len(words_of(item)) for item in items))
    return dump({"object": "list", "data": data, "model": body.get("model", ""),
                 "usage": {"prompt_tokens": count, "total_tokens": count}})


def gemini_embed(content, size=8):
    return {"values": vector(" ".join(words_of(content)), size)}


def openai_models():
    return dump({"object": "list", "data": [
        {"id": name, "object": "model", "created": CREATED, "owned_by": "fake"} for name in MODELS]})


def anthropic_models():
    return dump({"data": [{"type": "model", "id": name, "display_name": name,
                           "created_at": "2024-01-01T00:00:00Z"} for name in MODELS],
                 "has_more": False, "first_id": MODELS[0], "last_id": MODELS[-1]})


def gemini_models():
    return dump({"models": [{"name": "models/" + name, "version": "1", "displayName": name,
                             "inputTokenLimit": 1000, "outputTokenLimit": 1000,
                             "supportedGenerationMethods": ["generateContent"]}
                            for name in MODELS]})


def answer_for(dialect, options):
    return Answer(dialect.read(), options)
