# SPDX-License-Identifier: GPL-3.0-or-later
"""What OpenAI's API does beside text: pictures, verdicts, rankings, transcripts, counts."""

import base64

from . import dialects

PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 16).decode()


def find(path, body):
    """The ready body of an answer, or None where this is another path."""
    for end, answer in ANSWERS.items():
        if path.endswith(end):
            made = answer(body)
            return made if isinstance(made, bytes) else dialects.dump(made)
    return None


def picture(body):
    count = int(body.get("n") or 1)
    return {"created": dialects.CREATED, "data": [{"b64_json": PIXEL}] * count,
            "usage": {"input_tokens": 10, "output_tokens": 1000 * count,
                      "total_tokens": 10 + 1000 * count}}


def verdict(body):
    given = body.get("input")
    count = len(given) if isinstance(given, list) else 1
    one = {"flagged": False, "categories": {"violence": False},
           "category_scores": {"violence": 0.01}}
    return {"id": "modr-1", "model": body.get("model") or "omni-moderation-latest",
            "results": [one] * count}


def ranking(body):
    documents = body.get("documents") or []
    kept = len(documents) if body.get("top_n") is None else body["top_n"]
    return {"model": body.get("model", ""), "usage": {"total_tokens": 7 * len(documents)},
            "results": [{"index": index, "relevance_score": 1.0 / (index + 1)}
                        for index in range(len(documents))][:kept]}


def cohere_ranking(body):
    answer = ranking(body)
    del answer["usage"]
    return answer | {"meta": {"billed_units": {"search_units": 1}}}


def speech(body):
    return b"ID3" + body.get("input", "").encode()


def translation(_):
    return {"text": "Hello.", "usage": {"type": "duration", "seconds": 4}}


def transcript(_):
    return {"text": "Hello.", "usage": {"type": "tokens", "input_tokens": 14, "output_tokens": 3,
                                        "total_tokens": 17}}


def count(body):
    return {"object": "response.input_tokens",
            "input_tokens": dialects.Responses(body, "").read().input_words}


ANSWERS = {
    "/images/generations": picture,
    "/images/edits": picture,
    "/images/variations": picture,
    "/moderations": verdict,
    "/v2/rerank": cohere_ranking,
    "/rerank": ranking,
    "/audio/speech": speech,
    "/audio/transcriptions": transcript,
    "/audio/translations": translation,
    "/responses/input_tokens": count,
}
