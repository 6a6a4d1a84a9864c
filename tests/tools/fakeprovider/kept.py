# SPDX-License-Identifier: GPL-3.0-or-later
"""What a provider keeps for its clients: files and batches, as OpenAI and Anthropic spell them. A batch
is finished the first time that somebody looks at it; each line costs 10 input and 2 output tokens."""

import email
import email.policy
import json
import re

from . import dialects

OPENAI = re.compile(r"/(files|batches)(?:/([^/?]+))?(?:/(content|cancel))?$")
BATCHES = re.compile(r"/messages/batches(?:/([^/?]+))?(?:/(results|cancel))?$")


class Kept:
    """By key: one account does not see what another keeps."""

    def __init__(self):
        self._things = {}
        self._count = 0

    def find(self, request, path, key):
        """(status, content type, body), or None where this is another path."""
        anthropic = bool(request.header("anthropic-version"))
        batches = BATCHES.search(path)
        found = OPENAI.search(path)
        mine = self._things.setdefault(key, {})
        if batches:
            return self._answer(self._message_batch, request, mine, *batches.groups())
        if not found:
            return None
        kind, name, act = found.groups()
        if kind == "files":
            return self._answer(self._file, request, mine, name, act, anthropic)
        return self._answer(self._batch, request, mine, name, act)

    @staticmethod
    def _answer(act, *arguments):
        body = act(*arguments)
        if body is None:
            return 404, "application/json", dialects.dump(
                {"type": "error", "error": {"message": "no such thing", "type": "not_found_error"}})
        if isinstance(body, tuple):
            return 200, body[0], body[1]
        return 200, "application/json", dialects.dump(body)

    def _name(self, prefix):
        self._count += 1
        return "%s%04d" % (prefix, self._count)

    def _file(self, request, mine, name, act, anthropic):
        if request.method == "POST" and name is None:
            content, filename, purpose = upload(request)
            return self._keep_file(mine, content, filename, purpose, anthropic)
        if name is None:
            data = [thing["shown"] for thing in mine.values() if thing["kind"] == "file"]
            return {"object": "list", "data": data, "has_more": False}
        thing = mine.get(name)
        if thing is None or thing["kind"] != "file":
            return None
        if act == "content":
            return "application/octet-stream", thing["content"]
        if request.method == "DELETE":
            del mine[name]
            if anthropic:
                return {"id": name, "type": "file_deleted"}
            return {"id": name, "object": "file", "deleted": True}
        return thing["shown"]

    def _keep_file(self, mine, content, filename, purpose, anthropic):
        name = self._name("file_" if anthropic else "file-")
        shown = {"id": name, "filename": filename}
        if anthropic:
            shown.update(type="file", mime_type="text/plain", size_bytes=len(content),
                         created_at="2026-01-01T00:00:00Z", downloadable=False)
        else:
            shown.update(object="file", bytes=len(content), purpose=purpose, status="processed",
                         created_at=dialects.CREATED)
        mine[name] = {"kind": "file", "shown": shown, "content": content}
        return shown

    def _batch(self, request, mine, name, act):
        if request.method == "POST" and name is None:
            asked = json.loads(request.body)
            if asked.get("input_file_id") not in mine:
                return None
            name = self._name("batch_")
            shown = {"id": name, "object": "batch", "status": "validating",
                     "endpoint": asked["endpoint"], "input_file_id": asked["input_file_id"],
                     "completion_window": asked["completion_window"], "created_at": dialects.CREATED,
                     "output_file_id": None, "error_file_id": None}
            mine[name] = {"kind": "batch", "shown": shown}
            return dict(shown)
        thing = mine.get(name)
        if thing is None or thing["kind"] != "batch":
            return None
        shown = thing["shown"]
        if act == "cancel":
            shown["status"] = "cancelled"
        elif shown["status"] == "validating":
            lines = [json.loads(line) for line in
                     mine[shown["input_file_id"]]["content"].splitlines() if line.strip()]
            results = "".join(json.dumps({"custom_id": line["custom_id"], "response": {
                "status_code": 200, "body": {"model": line["body"]["model"]}}}) + "\n"
                for line in lines)
            output = self._keep_file(mine, results.encode(), "out.jsonl", "batch_output", False)
            shown.update(status="completed", output_file_id=output["id"],
                         model=lines[0]["body"]["model"],
                         usage={"input_tokens": 10 * len(lines), "output_tokens": 2 * len(lines),
                                "total_tokens": 12 * len(lines),
                                "input_tokens_details": {"cached_tokens": 0},
                                "output_tokens_details": {"reasoning_tokens": 0}})
        return dict(shown)

    def _message_batch(self, request, mine, name, act):
        if request.method == "POST" and name is None:
            name = self._name("msgbatch_")
            shown = {"id": name, "type": "message_batch", "processing_status": "in_progress",
                     "created_at": "2026-01-01T00:00:00Z", "results_url": None}
            mine[name] = {"kind": "batch", "shown": shown,
                          "requests": json.loads(request.body)["requests"]}
            return dict(shown)
        thing = mine.get(name)
        if thing is None or thing["kind"] != "batch":
            return None
        if act == "results":
            return "application/x-jsonl", "".join(
                json.dumps(result(line)) + "\n" for line in thing["requests"]).encode()
        if request.method == "DELETE":
            del mine[name]
            return {"id": name, "type": "message_batch_deleted"}
        shown = thing["shown"]
        shown.update(processing_status="ended",
                     results_url="https://api.vendor.example/v1/messages/batches/%s/results" % name)
        return dict(shown)


def result(line):
    message = {"id": "msg_1", "type": "message", "role": "assistant", "stop_reason": "end_turn",
               "model": line["params"]["model"], "content": [{"type": "text", "text": "Done."}],
               "usage": {"input_tokens": 10, "output_tokens": 2}}
    return {"custom_id": line["custom_id"], "result": {"type": "succeeded", "message": message}}


def upload(request):
    """(content, file name, purpose) of a form."""
    form = email.message_from_bytes(
        b"Content-Type: " + request.header("content-type").encode() + b"\r\n\r\n" + request.body,
        policy=email.policy.HTTP)
    content, filename, purpose = b"", "", ""
    for part in form.iter_parts():
        name = part.get_param("name", header="content-disposition")
        if name == "file":
            content, filename = part.get_payload(decode=True), part.get_filename()
        elif name == "purpose":
            purpose = part.get_payload(decode=True).decode()
    return content, filename, purpose
