#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes catalogue.tsv, the price list that is compiled into Tollgate.

    make.py --litellm model_prices.json --litellm-date 2026-07-24 \
            --models-dev models_dev.json --models-dev-date 2026-07-02 \
            [--previous catalogue.tsv] --output catalogue.tsv

The two inputs are public collections of list prices (see SOURCES). Only facts are taken, in a form
of our own: integers of pico-USD a token or another unit. Decimal arithmetic throughout; a fact finer than one
pico-USD is rounded up and counted. What is left out, and why, is printed and noted in the header.

With --previous, a price that changed keeps its old row, and the new one applies from the date of
its source on.
"""

import argparse
import json
import re
import sys
from collections import Counter
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Context, Decimal

FORMAT = 1
PICO = 10**12
# Two doubles of the same decimal number agree to 15 significant digits; what follows is noise.
NOISE = Context(prec=15, rounding=ROUND_HALF_EVEN)
LARGEST_UNIT_PRICE = 10**14  # pico-USD; 100 USD a picture or a second
LARGEST_PRICE = 10**10  # pico-USD; 10,000 USD a million tokens. Anything above is a slip.

SOURCES = {
    "L": "LiteLLM model_prices_and_context_window.json, github.com/BerriAI/litellm, MIT licence,"
    " Copyright (c) 2023 Berri AI",
    "M": "models.dev, github.com/anomalyco/models.dev, MIT licence,"
    " Copyright (c) 2025 models.dev",
}

# Our provider id: LiteLLM's ids, models.dev's id. Earlier ids win over later ones.
PROVIDERS = {
    "ai21": (["ai21"], None),
    "alibaba": (["dashscope"], "alibaba"),
    "anthropic": (["anthropic"], "anthropic"),
    "azure": (["azure", "azure_text", "azure_ai"], "azure"),
    "bedrock": (["bedrock_converse", "bedrock"], "amazon-bedrock"),
    "cerebras": (["cerebras"], "cerebras"),
    "cohere": (["cohere_chat", "cohere"], "cohere"),
    "deepinfra": (["deepinfra"], "deepinfra"),
    "deepseek": (["deepseek"], "deepseek"),
    "fireworks": (["fireworks_ai", "fireworks_ai-embedding-models"], "fireworks-ai"),
    "gemini": (["gemini"], "google"),
    "gemini-openai": (["gemini"], "google"),
    "groq": (["groq"], "groq"),
    "hyperbolic": (["hyperbolic"], None),
    "jina": (["jina_ai"], None),
    "minimax": (["minimax"], "minimax"),
    "mistral": (["mistral", "codestral", "text-completion-codestral"], "mistral"),
    "moonshot": (["moonshot"], "moonshotai"),
    "nebius": (["nebius"], "nebius"),
    "novita": (["novita"], "novita-ai"),
    "nvidia": (["nvidia_nim"], "nvidia"),
    "openai": (["openai", "text-completion-openai"], "openai"),
    "openrouter": (["openrouter"], "openrouter"),
    "perplexity": (["perplexity"], "perplexity"),
    "sambanova": (["sambanova"], None),
    "siliconflow": ([], "siliconflow"),
    "stepfun": ([], "stepfun-ai"),
    "together": (["together_ai"], "togetherai"),
    "upstage": ([], "upstage"),
    "vertex": (
        [
            "vertex_ai-language-models",
            "vertex_ai",
            "vertex_ai-anthropic_models",
            "vertex_ai-embedding-models",
            "vertex_ai-llama_models",
            "vertex_ai-mistral_models",
            "vertex_ai-ai21_models",
            "vertex_ai-deepseek_models",
            "vertex_ai-minimax_models",
            "vertex_ai-moonshot_models",
            "vertex_ai-openai_models",
            "vertex_ai-qwen_models",
            "vertex_ai-zai_models",
        ],
        "google-vertex",
    ),
    "voyage": (["voyage"], None),
    "xai": (["xai"], "xai"),
    "zai": (["zai"], "zai"),
}

# Where models.dev is believed although it is older: lists that it copies from the vendor's own
# price API, and slips of the other source (a decimal point one place off).
MODELS_DEV_WINS = {"openrouter", "together/Qwen/Qwen3-235B-A22B-Instruct-2507-tput"}

# LiteLLM's key: why its price is not believed at all.
DISBELIEVED = {
    "gemini/gemini-1.5-flash": "an embedding price under the name of a chat model",
    "azure_ai/jais-30b-chat": "a price a thousand times too high",
}

KINDS = {
    "chat": "chat",
    "responses": "responses",
    "completion": "completion",
    "embedding": "embedding",
    "image_generation": "image",
    "image_edit": "image",
    "audio_transcription": "transcription",
    "audio_speech": "speech",
    "moderation": "moderation",
    "rerank": "rerank",
    "realtime": "realtime",
}

RATES = [
    "input",
    "output",
    "cacheRead",
    "cacheWrite5m",
    "cacheWrite1h",
    "reasoning",
    "audioInput",
    "audioOutput",
    "imageInput",
    "imageOutput",
    "perRequest",
]
# What a rate falls back to when it is not named (core/ledger/prices.h).
FALLBACK = {
    "cacheRead": "input",
    "cacheWrite5m": "input",
    "cacheWrite1h": "cacheWrite5m",
    "reasoning": "output",
    "audioInput": "input",
    "audioOutput": "output",
    "imageInput": "input",
    "imageOutput": "output",
}
LITELLM_RATES = {
    "input": ["input_cost_per_token"],
    "output": ["output_cost_per_token"],
    "cacheRead": ["cache_read_input_token_cost", "input_cost_per_token_cache_hit"],
    "cacheWrite5m": ["cache_creation_input_token_cost"],
    "cacheWrite1h": ["cache_creation_input_token_cost_above_1hr"],
    "reasoning": ["output_cost_per_reasoning_token"],
    "audioInput": ["input_cost_per_audio_token"],
    "audioOutput": ["output_cost_per_audio_token"],
    "imageInput": ["input_cost_per_image_token"],
    "imageOutput": ["output_cost_per_image_token"],
    "perRequest": ["input_cost_per_request"],
}
MODELS_DEV_RATES = {
    "input": ["input"],
    "output": ["output"],
    "cacheRead": ["cache_read", "cached_input", "cache_input"],
    "cacheWrite5m": ["cache_write", "cached_write"],
    "reasoning": ["reasoning"],
    "audioInput": ["input_audio"],
    "audioOutput": ["output_audio"],
}
TIER_KEY = re.compile(r"^(.*)_above_(\d+)k_tokens$")
OTHER_UNITS = re.compile(r"per_(image|pixel|second|character|query|page|credit|video)|^ocr_")
# Not names a vendor would answer to: price classes, commitments, regional and size variants.
NOT_A_MODEL = re.compile(
    r"^(fireworks-ai-|together-ai-|azure/(us|eu|global|global-standard)/|azure_ai/(us|eu|global)/"
    r"|bedrock/(.*commitment/|[a-z]{2}(-gov)?-[a-z]+-\d/|moonshot|invoke/)|(\w+/)*\d+-x-\d+/|(\w+/)*\d+-steps/"
    r"|(\w+/)*max-x-max/|ft:.*:|.*\*)"
)

CAPABILITIES = [  # letter, LiteLLM flags
    ("t", ["supports_function_calling"]),
    ("p", ["supports_parallel_function_calling"]),
    ("s", ["supports_response_schema", "supports_native_structured_output"]),
    ("r", ["supports_reasoning"]),
    ("v", ["supports_vision", "supports_image_input"]),
    ("d", ["supports_pdf_input"]),
    ("a", ["supports_audio_input"]),
    ("f", ["supports_video_input"]),
    ("A", ["supports_audio_output"]),
    ("I", []),
    ("c", ["supports_prompt_caching"]),
    ("w", ["supports_web_search"]),
    ("m", ["supports_computer_use"]),
    ("x", []),  # takes no temperature and the like
]


# Ours: LiteLLM's, and the kinds for which it is believed; the first that is not zero counts.
LITELLM_UNITS = {
    "image": (["output_cost_per_image", "input_cost_per_image"], {"image"}),
    "heard": (["input_cost_per_second", "output_cost_per_second"], {"transcription"}),
    "spoken": (["output_cost_per_second"], {"speech"}),
    "character": (["input_cost_per_character"], {"speech"}),
    "search": (["input_cost_per_query"], {"rerank"}),
}
# "hd/1024-x-1792/dall-e-3", "azure/standard/1024-x-1024/dall-e-3": a class of pictures
IMAGE_CLASS = re.compile(r"^(?:azure/)?(?:(low|medium|high|standard|hd)/)?(\d+)-x-(\d+)/([^/]+)$")


class Entry:
    def __init__(self, source):
        self.source = source
        self.kind = "chat"
        self.context = 0
        self.max_output = 0
        self.capabilities = set()
        self.rates = {}
        self.tiers = []  # (above, rates)
        self.units = {}


class Maker:
    def __init__(self):
        self.counts = Counter()
        self.disagreements = Counter()
        self.examples = []

    # --- numbers

    def pico(self, value, scale):
        exact = Decimal(value)
        if len(exact.as_tuple().digits) > 15:
            exact = NOISE.plus(exact)
            self.counts["floating-point noise removed"] += 1
        scaled = exact * scale
        whole = int(scaled.to_integral_value(rounding=ROUND_CEILING))
        if whole != scaled:
            self.counts["finer than a pico-USD, rounded up"] += 1
        return whole

    def rates_from(self, members, names, scale):
        rates = {}
        for rate, keys in names.items():
            for key in keys:
                value = members.get(key)
                if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
                    if value < 0:
                        self.counts["negative numbers ignored"] += 1
                        continue
                    price = self.pico(value, scale)
                    if price > LARGEST_PRICE:
                        self.counts["absurd numbers ignored"] += 1
                        continue
                    rates[rate] = price
                    break
        return rates

    # --- LiteLLM

    def units_from(self, entry, member):
        """What is billed by other units: believed where the model has no price a token."""
        units = {}
        for unit, (keys, kinds) in LITELLM_UNITS.items():
            values = [member[k] for k in keys if isinstance(member.get(k), (int, Decimal))]
            values = [v for v in values if v > 0]
            if entry.kind not in kinds or not values:
                continue
            if len(values) > 1 and values[0] != values[1]:
                return {}  # two prices of one thing
            price = self.pico(values[0], PICO)
            if price <= LARGEST_UNIT_PRICE:
                units[unit] = price
        return units

    def image_classes(self, litellm, ids):
        """Prices of pictures by quality and size, which LiteLLM keeps under names of their own."""
        classes = {}
        for key, member in litellm.items():
            match = IMAGE_CLASS.match(key)
            if not match or not isinstance(member, dict) or member.get("litellm_provider") not in ids:
                continue
            quality, width, height, model = match.groups()
            price = member.get("input_cost_per_image") or member.get("output_cost_per_image")
            if not price:
                # The vendor's price of a picture, divided by its pixels and rounded: two
                # significant digits bring it back.
                pixel = member.get("input_cost_per_pixel") or 0
                exact = pixel * int(width) * int(height)
                price = Context(prec=2, rounding=ROUND_HALF_EVEN).plus(Decimal(exact))
            if price > 0:
                name = f"{quality}/{width}x{height}" if quality else f"{width}x{height}"
                classes.setdefault(model, {})[name] = self.pico(price, PICO)
        return classes

    def from_litellm(self, member):
        mode = member.get("mode", "chat")
        if mode not in KINDS:
            return None, "billed by other units"
        entry = Entry("L")
        entry.kind = KINDS[mode]
        entry.context = whole(member.get("max_input_tokens"))
        entry.max_output = whole(member.get("max_output_tokens"))
        entry.capabilities = {
            letter for letter, flags in CAPABILITIES if any(member.get(f) is True for f in flags)
        }
        outputs = member.get("supported_output_modalities", [])
        if "image" in outputs:
            entry.capabilities.add("I")
        if member.get("supports_sampling_params") is False:
            entry.capabilities.add("x")

        steps = member.get("tiered_pricing")
        if steps:
            steps = sorted(steps, key=lambda s: s["range"][0]) if all("range" in s for s in steps) else []
            if not steps or steps[0]["range"][0] != 0:
                return None, "tiers that are not by prompt length"
            entry.rates = self.rates_from(steps[0], LITELLM_RATES, PICO)
            for step in steps[1:]:
                entry.tiers.append(
                    (int(step["range"][0]), self.rates_from(step, LITELLM_RATES, PICO))
                )
        else:
            entry.rates = self.rates_from(member, LITELLM_RATES, PICO)
            above = {}
            for key, value in member.items():
                match = TIER_KEY.match(key)
                if match:
                    above.setdefault(int(match[2]) * 1000, {})[match[1]] = value
            for size in sorted(above):
                rates = self.rates_from(above[size], LITELLM_RATES, PICO)
                if rates:
                    entry.tiers.append((size, rates))

        # Perplexity adds a fee a request that depends on the search depth; "low" is what it
        # charges when the request names none.
        fees = member.get("search_context_cost_per_query")
        if isinstance(fees, dict) and member["litellm_provider"] == "perplexity":
            entry.rates["perRequest"] = self.pico(fees.get("search_context_size_low", 0), PICO)
        elif fees:
            self.counts["web search fees a call, not expressible"] += 1

        units = {k for k, v in member.items() if OTHER_UNITS.search(k) and v and "above" not in k}
        pieces = {"output_cost_per_image", "output_cost_per_pixel", "input_cost_per_pixel"} & units
        tokens = entry.rates.get("input") or entry.rates.get("output")
        if entry.kind == "image" or ("image" in outputs and pieces):
            if "imageOutput" not in entry.rates:
                if entry.kind != "image" or tokens:
                    return None, "pictures billed by the piece, words by the token"
                entry.units = self.units_from(entry, member)
        if entry.kind in ("transcription", "speech", "realtime") and units:
            if "audioInput" not in entry.rates and "audioOutput" not in entry.rates:
                entry.units = self.units_from(entry, member)
                if not entry.units:
                    return None, "billed by other units"
        if entry.kind == "rerank" and not tokens:
            entry.units = self.units_from(entry, member)
        if entry.units:
            self.counts["billed by other units than tokens"] += 1
            entry.rates = {"input": 0, "output": 0}
            return entry, None
        if units:
            self.counts["kept, though some inputs are billed by other units"] += 1
        if any(k.endswith(("_priority", "_flex")) and v for k, v in member.items()):
            self.counts["other service tiers (priority, flex), not expressible"] += 1
        if any(k.endswith("_batches") and v for k, v in member.items()):
            self.counts["batch prices, not used"] += 1
        return entry, None

    # --- models.dev

    def from_models_dev(self, member):
        outputs = member["modalities"]["output"]
        if "text" not in outputs:
            return None, "billed by other units"
        entry = Entry("M")
        entry.kind = "embedding" if "embed" in member["id"] else "chat"
        entry.context = whole(member["limit"].get("context"))
        entry.max_output = whole(member["limit"].get("output")) if entry.kind == "chat" else 0
        inputs = member["modalities"]["input"]
        have = {
            "t": member["tool_call"],
            "r": member["reasoning"],
            "s": member.get("structured_output"),
            "v": "image" in inputs,
            "d": "pdf" in inputs,
            "a": "audio" in inputs,
            "f": "video" in inputs,
            "A": "audio" in outputs,
            "I": "image" in outputs,
            "c": "cache_read" in member.get("cost", {}),
            "x": member.get("temperature") is False and entry.kind == "chat",
        }
        entry.capabilities = {letter for letter, yes in have.items() if yes}
        cost = member.get("cost")
        if not cost:
            return None, "no price named"
        if entry.capabilities & {"I"}:
            return None, "images billed by the piece"
        entry.rates = self.rates_from(cost, MODELS_DEV_RATES, PICO // 10**6)
        for tier in cost.get("tiers", []):
            if tier["tier"].get("type", "context") != "context":
                return None, "tiers that are not by prompt length"
            entry.tiers.append(
                (
                    int(tier["tier"]["size"]),
                    self.rates_from(tier, MODELS_DEV_RATES, PICO // 10**6),
                )
            )
        return entry, None

    # --- what both have in common

    def complete(self, entry):
        """Makes the entry say what prices.h needs, or returns why it cannot be priced."""
        rates = entry.rates
        if entry.units:
            return None
        if entry.kind in ("embedding", "rerank"):
            rates.setdefault("output", 0)
        if entry.kind == "image":
            rates.setdefault("output", rates.get("imageOutput"))
            rates.setdefault("input", rates.get("imageInput"))
        if entry.kind in ("speech", "realtime"):
            rates.setdefault("output", rates.get("audioOutput"))
        if entry.kind == "transcription":
            rates.setdefault("input", rates.get("audioInput"))
        for needed in ("input", "output"):
            if rates.get(needed) is None:
                return "no token price named"
        writes = entry.kind in ("chat", "responses", "completion")
        if writes and rates["input"] and not rates["output"]:
            return "half a price: output that costs nothing"
        self.doubt(rates)
        if not rates.get("perRequest"):
            rates.pop("perRequest", None)
        # A tier names only what changes.
        before, tiers = rates, []
        for above, named in sorted(entry.tiers, key=lambda t: t[0]):
            merged = dict(before)
            for rate, other in FALLBACK.items():
                # A rate that merely repeats what it falls back to goes on doing so.
                if rate not in named and rate in merged and merged[rate] == before.get(other):
                    del merged[rate]
            merged.update(named)
            self.doubt(merged)
            if merged != before:
                tiers.append((above, merged))
            before = merged
        entry.tiers = tiers
        return None

    def doubt(self, rates):
        """Drops rates that cannot be meant; the fallback of prices.h then applies."""
        for rate, other in FALLBACK.items():
            # 0 stands for "does not apply" there; taken at its word it would give tokens away.
            if rates.get(rate) == 0 and rates["input"]:
                del rates[rate]
                self.counts["zero rates beside a price, taken as not named"] += 1
        short, long = rates.get("cacheWrite5m"), rates.get("cacheWrite1h")
        if short and long and not short <= long <= 4 * short:
            del rates["cacheWrite1h"]
            self.counts["one-hour cache writes out of proportion, dropped"] += 1

    def merge(self, provider, model, a, b):
        """a: LiteLLM, b: models.dev; both may be there."""
        if a is None or b is None:
            return a or b
        newer = not MODELS_DEV_WINS & {provider, f"{provider}/{model}"}
        winner, loser = (a, b) if newer else (b, a)
        if free(winner) and not free(loser):
            winner, loser = loser, winner
        if winner.units:  # the other one knows no such prices
            return winner
        same = all(a.rates[k] == b.rates[k] for k in ("input", "output"))
        if not same:
            self.disagreements[provider] += 1
            self.examples.append(
                f"{provider}/{model}: L {a.rates['input']}/{a.rates['output']}"
                f" M {b.rates['input']}/{b.rates['output']} -> {winner.source}"
            )
        else:
            self.counts["in both sources, agreeing on input and output"] += 1
            taken = False
            # Where there are tiers, a rate of the base alone would be half a fact.
            if not winner.tiers:
                for rate in RATES:
                    if rate in loser.rates and rate not in winner.rates:
                        winner.rates[rate] = loser.rates[rate]
                        taken = True
            if taken:
                winner.source = "LM"
                self.counts["completed from the other source"] += 1
        winner.context = winner.context or loser.context
        winner.max_output = winner.max_output or loser.max_output
        winner.capabilities |= loser.capabilities
        return winner

    def make(self, litellm, models_dev):
        book = {}
        for provider, (ids, other) in PROVIDERS.items():
            first, second, zero = {}, {}, set()
            self.collect_litellm(litellm, ids, first)
            classes = self.image_classes(litellm, ids)
            if other:
                for model, member in models_dev[other]["models"].items():
                    self.add(second, model, *self.from_models_dev(member))
            for model in sorted(set(first) | set(second)):
                a, b = first.get(model), second.get(model)
                entry = self.merge(provider, model, a, b)
                if entry.units.get("image"):
                    entry.units.update({f"image:{k}": v for k, v in classes.get(model, {}).items()})
                if free(entry):
                    agreed = a is not None and b is not None
                    named = re.search(r"[:-]free$", model, re.IGNORECASE)
                    if not (agreed or named or entry.kind == "moderation"):
                        self.counts["left out: zero, but nobody confirms that it is free"] += 1
                        continue
                book[(provider, model)] = entry
        return book

    def collect_litellm(self, litellm, ids, into):
        for rank, source_id in enumerate(ids):
            found = {}
            for key, member in litellm.items():
                if not isinstance(member, dict) or member.get("litellm_provider") != source_id:
                    continue
                if key == "sample_spec":
                    continue
                if key in DISBELIEVED:
                    self.counts["left out: " + DISBELIEVED[key]] += 1
                    continue
                if NOT_A_MODEL.match(key):
                    self.counts["left out: not a model's name (class, region, size)"] += 1
                    continue
                prefix = key.split("/", 1)[0]
                own = prefix in LITELLM_PREFIXES and "/" in key
                # The key that names its provider is the more specific one.
                found.setdefault(key.split("/", 1)[1] if own else key, {})[own] = member
            for model, keys in sorted(found.items()):
                if model not in into:
                    self.add(into, model, *self.from_litellm(keys.get(True) or keys[False]))

    def add(self, into, model, entry, why):
        if entry is not None:
            why = self.complete(entry)
        if why is not None:
            self.counts["left out: " + why] += 1
            return
        if re.search(r"[\t\r\n]", model) or not model.isascii():
            self.counts["left out: odd name"] += 1
            return
        into[model] = entry


LITELLM_PREFIXES = {
    "ai21",
    "anthropic",
    "azure",
    "azure_ai",
    "bedrock",
    "cerebras",
    "codestral",
    "cohere",
    "cohere_chat",
    "dashscope",
    "deepinfra",
    "deepseek",
    "fireworks_ai",
    "gemini",
    "groq",
    "hyperbolic",
    "jina_ai",
    "minimax",
    "mistral",
    "moonshot",
    "nebius",
    "novita",
    "nvidia_nim",
    "openai",
    "openrouter",
    "perplexity",
    "sambanova",
    "text-completion-codestral",
    "together_ai",
    "vertex_ai",
    "voyage",
    "xai",
    "zai",
}


def whole(value):
    return int(value) if isinstance(value, (int, Decimal)) and value > 0 else 0


def free(entry):
    return not any(entry.rates.values()) and not any(entry.units.values())


def text_of_rates(rates):
    return ["" if rates.get(name) is None else str(rates[name]) for name in RATES]


COLUMNS = ["provider", "model", "kind", "context", "maxOutput", "capabilities", "from"] + RATES
COLUMNS += ["tiers", "units", "source"]
UNITS = list(LITELLM_UNITS)


def row(provider, model, entry, valid_from):
    tiers = ";".join(
        f"{above}:" + ",".join(text_of_rates(rates)).rstrip(",") for above, rates in entry.tiers
    )
    letters = "".join(letter for letter, _ in CAPABILITIES if letter in entry.capabilities)
    fields = [provider, model, entry.kind, str(entry.context or ""), str(entry.max_output or "")]
    units = ";".join(f"{name}={entry.units[name]}" for name in sorted(entry.units))
    fields += [letters, valid_from] + text_of_rates(entry.rates) + [tiers, units, entry.source]
    return fields


def price_part(fields):
    return fields[7:-1]


def with_history(rows, previous, dates):
    """Old rows stay; a row whose price changed applies from its source's date on."""
    old = {}
    for line in previous.splitlines():
        fields = line.split("\t")
        if len(fields) == len(COLUMNS) and fields != COLUMNS:
            old.setdefault((fields[0], fields[1]), []).append(fields)
    result, changed = [], 0
    for fields in rows:
        before = old.get((fields[0], fields[1]), [])
        if before and price_part(before[-1]) != price_part(fields):
            result += before
            fields[6] = max(dates[letter] for letter in fields[-1])
            changed += 1
        elif before:
            result += before[:-1]
            fields[6] = before[-1][6]
        result.append(fields)
    return result, changed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--litellm", required=True)
    parser.add_argument("--litellm-date", required=True)
    parser.add_argument("--models-dev", required=True)
    parser.add_argument("--models-dev-date", required=True)
    parser.add_argument("--previous")
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    def read(path):
        with open(path, encoding="utf-8") as file:
            return json.load(file, parse_float=Decimal)

    maker = Maker()
    book = maker.make(read(args.litellm), read(args.models_dev))
    dates = {"L": args.litellm_date, "M": args.models_dev_date}
    rows = [row(*key, entry, "") for key, entry in book.items()]
    rows.sort(key=lambda f: (f[0].encode(), f[1].encode()))
    if args.previous:
        with open(args.previous, encoding="utf-8") as file:
            rows, changed = with_history(rows, file.read(), dates)
        maker.counts["changed since the previous catalogue"] = changed

    lines = [
        f"tollgate-prices\t{FORMAT}",
        "# Made by make.py; regenerate it instead of editing. Facts only, none authoritative for",
        "# billing. Pico-USD (1e-12 USD) a token, a request for perRequest; empty: not named. Units:",
        "# a picture (of a class), a second heard or spoken, a character read aloud, a search.",
        "# Tiers: above this many input tokens, these rates for the whole request.",
    ]
    lines += [f"source\t{letter}\t{dates[letter]}\t{SOURCES[letter]}" for letter in SOURCES]
    lines += [f"# {count} {what}" for what, count in sorted(maker.counts.items())]
    total = sum(maker.disagreements.values())
    lines += [
        f"# {total} disagree on input or output; L wins, being newer, but for "
        + ", ".join(sorted(MODELS_DEV_WINS))
        + " and where L says 0"
    ]
    lines.append("\t".join(COLUMNS))
    lines += ["\t".join(fields) for fields in rows]
    text = "\n".join(lines) + "\n"
    with open(args.output, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)

    print(f"{len(rows)} prices, {len(text)} bytes")
    for what, count in sorted(maker.counts.items()):
        print(f"{count:6} {what}")
    print(f"{total:6} disagreements: {dict(sorted(maker.disagreements.items()))}")
    for example in maker.examples:
        print("       " + example)
    return 0


if __name__ == "__main__":
    sys.exit(main())
