#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes models.tsv, what is known of models besides their prices.

    makemodels.py --models-dev models_dev.json --models-dev-date 2026-07-02 --output models.tsv

The input is models.dev (see SOURCES in make.py). Only facts are taken, in a form of our own. A
vendor's own models are listed for every provider (an empty first field); a reseller's model only
where it differs from the row of the same name.
"""

import argparse
import json
import re
import sys

from make import PROVIDERS, SOURCES, whole

FORMAT = 1
COLUMNS = ["provider", "model", "context", "maxOutput", "flags", "reasoning", "sampling", "efforts"]

# models.dev's ids of those who made the models that they offer; earlier ones win.
MAKERS = [
    "openai", "anthropic", "google", "deepseek", "xai", "mistral", "moonshotai", "zai", "alibaba",
    "minimax", "cohere", "perplexity", "xiaomi", "stepfun", "upstage", "inception", "llama",
]
# Our ids that have no prices of their own.
MORE = {
    "alibaba": "alibaba",
    "bailian": "alibaba-cn",
    "baseten": "baseten",
    "chutes": "chutes",
    "cloudflare": "cloudflare-workers-ai",
    "friendli": "friendli",
    "github-models": "github-models",
    "helicone": "helicone",
    "huggingface": "huggingface",
    "kimi-coding": "kimi-for-coding",
    "minimax-cn": "minimax-cn",
    "modelscope": "modelscope",
    "moonshot-cn": "moonshotai-cn",
    "ollama-cloud": "ollama-cloud",
    "ovhcloud": "ovhcloud",
    "poe": "poe",
    "requesty": "requesty",
    "scaleway": "scaleway",
    "siliconflow-cn": "siliconflow-cn",
    "tencent-tokenhub": "tencent-tokenhub",
    "venice": "venice",
    "zai-coding": "zai-coding-plan",
    "zhipu": "zhipuai",
}
# The ladder of core/conversation/effort.h, from nothing up.
LADDER = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]


def reasoning_of(member):
    """none; optional: can be switched off; always; some: nobody says which."""
    if not member["reasoning"]:
        return "none"
    options = member.get("reasoning_options") or []
    for option in options:
        if option["type"] == "toggle" or "none" in (option.get("values") or []):
            return "optional"
        # The APIs that take a budget of 1024 and more think only where it is named.
        least = option.get("min")
        if option["type"] == "budget_tokens" and (least == 0 or (least or 0) >= 1024):
            return "optional"
    if [o["type"] for o in options] == ["budget_tokens"] and options[0].get("min") == 128:
        return "always"  # Gemini 2.5 Pro's least budget
    return "some"


def facts_of(member):
    if "text" not in member["modalities"]["output"] or "embed" in member["id"]:
        return None
    inputs = member["modalities"]["input"]
    flags = "".join(
        letter
        for letter, yes in [
            ("t", member["tool_call"]),
            ("s", member.get("structured_output") is True),
            ("S", member.get("structured_output") is False),
            ("v", "image" in inputs),
            ("d", "pdf" in inputs),
            ("a", "audio" in inputs),
            ("f", "video" in inputs),
        ]
        if yes
    )
    efforts = {v for o in member.get("reasoning_options") or [] for v in o.get("values") or []}
    return [
        str(whole(member["limit"].get("context")) or ""),
        str(whole(member["limit"].get("output")) or ""),
        flags,
        reasoning_of(member),
        {True: "yes", False: "no"}.get(member.get("temperature"), ""),
        ",".join(name for name in LADDER if name in efforts),
    ]


def bare(name):
    return name.rsplit("/", 1)[-1]


def thinkers_of(vendors):
    """The bare names that anybody knows to reason."""
    members = [m for v in vendors.values() for m in v["models"].items()]
    return {bare(name).lower() for name, member in members if member["reasoning"]}


def resold(facts, name, rows, thinkers):
    """Several resellers say of no model that it reasons: the maker knows better, or nobody does."""
    reasoning, sampling = COLUMNS.index("reasoning") - 2, COLUMNS.index("sampling") - 2
    if facts[reasoning] != "none" or bare(name).lower() not in thinkers:
        return facts
    maker = rows.get(("", bare(name)), [""] * len(facts))
    if maker[reasoning] == "none":
        return facts
    return facts[:reasoning] + [maker[reasoning], maker[sampling], maker[-1]]


def rows_from(vendors):
    rows = {}
    thinkers = thinkers_of(vendors)
    for maker in MAKERS:
        for name, member in vendors[maker]["models"].items():
            facts = facts_of(member)
            if facts:
                rows.setdefault(("", name), facts)
    pairs = {ours: theirs for ours, (_, theirs) in PROVIDERS.items() if theirs} | MORE
    for ours, theirs in pairs.items():
        for name, member in vendors[theirs]["models"].items():
            facts = facts_of(member)
            facts = facts and resold(facts, name, rows, thinkers)
            if facts and rows.get(("", bare(name))) != facts:
                rows[(ours, name)] = facts
    return {k: f for k, f in rows.items() if k[1].isascii() and not re.search(r"[\t\r\n]", k[1])}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models-dev", required=True)
    parser.add_argument("--models-dev-date", required=True)
    parser.add_argument("--output", required=True)
    args = parser.parse_args()
    with open(args.models_dev, encoding="utf-8") as file:
        rows = rows_from(json.load(file))
    lines = [
        f"tollgate-models\t{FORMAT}",
        "# Made by makemodels.py; regenerate it instead of editing.",
        "# Flags: t tools, s schemas for answers, S none of those, and the inputs v image, d PDF,",
        "# a audio, f video. Empty: not known.",
        f"source\tM\t{args.models_dev_date}\t{SOURCES['M']}",
        "\t".join(COLUMNS),
    ]
    keys = sorted(rows, key=lambda key: (key[0].encode(), key[1].encode()))
    lines += ["\t".join([*key, *rows[key]]) for key in keys]
    with open(args.output, "w", encoding="utf-8", newline="\n") as file:
        file.write("\n".join(lines) + "\n")
    print(f"{len(rows)} models")
    return 0


if __name__ == "__main__":
    sys.exit(main())
