# SPDX-License-Identifier: GPL-3.0-or-later
"""resources/catalogue/make.py: what becomes of a fact, and what is rather left out."""

import importlib.util
import json
import pathlib
import sys
import tempfile
import unittest
from decimal import Decimal

MAKE = pathlib.Path(__file__).resolve().parents[3] / "resources" / "catalogue" / "make.py"
spec = importlib.util.spec_from_file_location("make", MAKE)
make = importlib.util.module_from_spec(spec)
spec.loader.exec_module(make)


def litellm(provider="openai", mode="chat", **members):
    return {"litellm_provider": provider, "mode": mode, **members}


def models_dev(model, cost, **members):
    base = {
        "id": model,
        "tool_call": True,
        "reasoning": False,
        "modalities": {"input": ["text"], "output": ["text"]},
        "limit": {"context": 1000, "output": 100},
    }
    return base | members | ({"cost": cost} if cost else {})


def books(first, second=None, provider="openai"):
    """Runs the two sources, given as dicts, through the same reading as the real files."""
    other = {p: {"models": {}} for _, p in make.PROVIDERS.values() if p}
    other[make.PROVIDERS[provider][1]]["models"] = second or {}
    maker = make.Maker()
    text = json.dumps([first, other])
    first, other = json.loads(text, parse_float=Decimal)
    return maker, maker.make(first, other)


def only(first, second=None, provider="openai"):
    maker, book = books(first, second, provider)
    assert len(book) == 1, book
    return maker, next(iter(book.values()))


class Prices(unittest.TestCase):
    def test_dollars_become_whole_pico_dollars(self):
        _, entry = only({"m": litellm(input_cost_per_token=2.5e-06, output_cost_per_token=1e-05)})
        self.assertEqual((entry.rates["input"], entry.rates["output"]), (2_500_000, 10_000_000))
        cost = {"input": 0.0028, "output": 1.1}
        _, entry = only({}, {"m": models_dev("m", cost)})
        self.assertEqual((entry.rates["input"], entry.rates["output"]), (2_800, 1_100_000))

    def test_a_part_of_a_pico_dollar_is_rounded_up_and_counted(self):
        maker, entry = only({"m": litellm(input_cost_per_token=1.0000000001e-06, output_cost_per_token=1e-05)})
        self.assertEqual(entry.rates["input"], 1_000_001)
        self.assertEqual(maker.counts["finer than a pico-USD, rounded up"], 1)

    def test_the_noise_of_doubles_is_no_fact(self):
        maker, entry = only({}, {"m": models_dev("m", {"input": 0.30000000000000004, "output": 0.7999999999999999})})
        self.assertEqual((entry.rates["input"], entry.rates["output"]), (300_000, 800_000))
        self.assertEqual(maker.counts["finer than a pico-USD, rounded up"], 0)

    def test_tiers_name_all_rates_and_ascend(self):
        _, entry = only({"m": litellm(
            input_cost_per_token=1e-06, output_cost_per_token=2e-06, cache_read_input_token_cost=1e-07,
            output_cost_per_reasoning_token=2e-06,
            input_cost_per_token_above_272k_tokens=4e-06,
            input_cost_per_token_above_128k_tokens=2e-06, output_cost_per_token_above_128k_tokens=3e-06,
        )})  # fmt: skip
        self.assertEqual([above for above, _ in entry.tiers], [128_000, 272_000])
        first, second = (rates for _, rates in entry.tiers)
        self.assertEqual((first["input"], first["output"], first["cacheRead"]), (2_000_000, 3_000_000, 100_000))
        self.assertEqual((second["input"], second["output"]), (4_000_000, 3_000_000))
        # Reasoning cost what output cost; in a dearer tier it goes on doing so.
        self.assertNotIn("reasoning", first)

    def test_tiers_by_range(self):
        steps = [
            {"range": [32000.0, 128000.0], "input_cost_per_token": 2e-06, "output_cost_per_token": 5e-06},
            {"range": [0, 32000.0], "input_cost_per_token": 1e-06, "output_cost_per_token": 4e-06},
        ]
        _, entry = only({"dashscope/m": litellm("dashscope", tiered_pricing=steps)}, provider="alibaba")
        self.assertEqual(entry.rates["input"], 1_000_000)
        self.assertEqual(entry.tiers, [(32_000, {"input": 2_000_000, "output": 5_000_000})])

    def test_a_fee_a_request_for_perplexity(self):
        fees = {"search_context_size_low": 0.005, "search_context_size_high": 0.012}
        _, entry = only({"perplexity/m": litellm("perplexity", input_cost_per_token=1e-06,
                         output_cost_per_token=1e-06, search_context_cost_per_query=fees)},
                        provider="perplexity")  # fmt: skip
        self.assertEqual(entry.rates["perRequest"], 5_000_000_000)


class OtherUnits(unittest.TestCase):
    def units(self, mode, **members):
        _, entry = only({"m": litellm(mode=mode, **members)})
        self.assertEqual((entry.rates["input"], entry.rates["output"]), (0, 0))
        return entry.units

    def test_each_kind_has_its_unit(self):
        self.assertEqual(self.units("audio_speech", input_cost_per_character=1.5e-05), {"character": 15_000_000})
        self.assertEqual(self.units("rerank", input_cost_per_query=0.002), {"search": 2_000_000_000})
        self.assertEqual(self.units("image_generation", output_cost_per_image=0.04), {"image": 40_000_000_000})
        self.assertEqual(self.units("audio_transcription", input_cost_per_second=0.0001), {"heard": 100_000_000})

    def test_one_price_that_is_listed_twice_is_one(self):
        self.assertEqual(
            self.units("audio_transcription", input_cost_per_second=0.0001, output_cost_per_second=0.0001),
            {"heard": 100_000_000},
        )
        _, book = books({"m": litellm(mode="audio_transcription", input_cost_per_second=0.1,
                                      output_cost_per_second=0.2)})  # fmt: skip
        self.assertEqual(book, {})

    def test_who_has_a_price_a_token_is_billed_by_it(self):
        _, entry = only({"m": litellm(mode="audio_speech", input_cost_per_token=1e-06,
                         output_cost_per_audio_token=2e-06, output_cost_per_second=0.1)})  # fmt: skip
        self.assertEqual(entry.units, {})
        _, entry = only({"m": litellm(mode="rerank", input_cost_per_token=1e-06, input_cost_per_query=0)})
        self.assertEqual((entry.rates["input"], entry.units), (1_000_000, {}))

    def test_pictures_by_quality_and_size(self):
        _, entry = only({
            "m": litellm(mode="image_generation", input_cost_per_image=0.04),
            "hd/1024-x-1792/m": litellm(mode="image_generation", input_cost_per_pixel=6.539e-08),
            "512-x-512/m": litellm(mode="image_generation", output_cost_per_image=0.018),
            "hd/1024-x-1024/other": litellm(mode="image_generation", output_cost_per_image=1),
        })  # fmt: skip
        self.assertEqual(
            entry.units,
            {"image": 40_000_000_000, "image:hd/1024x1792": 120_000_000_000, "image:512x512": 18_000_000_000},
        )


class LeftOut(unittest.TestCase):
    def nothing(self, first, second=None):
        self.assertEqual(books(first, second)[1], {})

    def test_without_a_token_price(self):
        self.nothing({"m": litellm(input_cost_per_token=1e-06)})
        self.nothing({"m": litellm(mode="chat", input_cost_per_character=1e-05)})
        self.nothing({}, {"m": models_dev("m", None)})

    def test_images_by_the_piece(self):
        self.nothing({"m": litellm(mode="image_generation", input_cost_per_token=1e-06,
                                   output_cost_per_image=0.04)})  # fmt: skip

    def test_output_for_nothing(self):
        self.nothing({"m": litellm(input_cost_per_token=1e-06, output_cost_per_token=0)})

    def test_free_as_long_as_nobody_confirms_it(self):
        free = litellm(input_cost_per_token=0, output_cost_per_token=0)
        self.nothing({"m": free})
        self.nothing({}, {"m": models_dev("m", {"input": 0, "output": 0})})
        _, entry = only({"m": free}, {"m": models_dev("m", {"input": 0, "output": 0})})
        self.assertEqual(entry.rates["input"], 0)
        _, entry = only({}, {"m:free": models_dev("m:free", {"input": 0, "output": 0})})
        self.assertEqual(entry.rates["input"], 0)

    def test_regional_and_sized_names(self):
        price = {"input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06}
        self.nothing({"azure/eu/m": litellm("azure", **price)})
        self.nothing({"hd/1024-x-1024/m": litellm("openai", **price)})
        self.nothing({"bedrock/us-east-1/1-month-commitment/m": litellm("bedrock", **price)})

    def test_zero_rates_beside_a_price(self):
        _, entry = only({"m": litellm(input_cost_per_token=1e-06, output_cost_per_token=1e-06,
                                      cache_read_input_token_cost=0)})  # fmt: skip
        self.assertNotIn("cacheRead", entry.rates)

    def test_hourly_cache_writes_out_of_proportion(self):
        prices = {"input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06,
                  "cache_creation_input_token_cost": 1.25e-06}  # fmt: skip
        key = "cache_creation_input_token_cost_above_1hr"
        _, entry = only({"m": litellm(**prices, **{key: 2e-06})})
        self.assertEqual(entry.rates["cacheWrite1h"], 2_000_000)
        _, entry = only({"m": litellm(**prices, **{key: 6e-05})})
        self.assertNotIn("cacheWrite1h", entry.rates)


class TwoSources(unittest.TestCase):
    first = {"m": litellm(input_cost_per_token=1e-06, output_cost_per_token=2e-06)}

    def test_the_newer_wins_and_it_is_counted(self):
        maker, entry = only(self.first, {"m": models_dev("m", {"input": 3, "output": 4, "cache_read": 1})})
        self.assertEqual((entry.rates["input"], entry.source), (1_000_000, "L"))
        self.assertNotIn("cacheRead", entry.rates)
        self.assertEqual(maker.disagreements["openai"], 1)

    def test_where_they_agree_one_completes_the_other(self):
        maker, entry = only(self.first, {"m": models_dev("m", {"input": 1, "output": 2, "cache_read": 0.1})})
        self.assertEqual((entry.rates["cacheRead"], entry.source), (100_000, "LM"))
        self.assertEqual(sum(maker.disagreements.values()), 0)

    def test_openrouter_is_believed_from_models_dev(self):
        _, entry = only(
            {"openrouter/v/m": litellm("openrouter", input_cost_per_token=1e-06, output_cost_per_token=2e-06)},
            {"v/m": models_dev("v/m", {"input": 3, "output": 4})},
            "openrouter",
        )
        self.assertEqual((entry.rates["input"], entry.source), (3_000_000, "M"))

    def test_a_price_beats_a_zero(self):
        free = {"m": litellm(input_cost_per_token=0, output_cost_per_token=0)}
        _, entry = only(free, {"m": models_dev("m", {"input": 3, "output": 4})})
        self.assertEqual(entry.rates["input"], 3_000_000)

    def test_the_key_with_its_provider_is_the_more_specific(self):
        price = {"output_cost_per_token": 2e-06}
        _, entry = only({
            "deepseek/m": litellm("deepseek", input_cost_per_token=5e-06, **price),
            "m": litellm("deepseek", input_cost_per_token=1e-06, **price),
        }, provider="deepseek")  # fmt: skip
        self.assertEqual(entry.rates["input"], 5_000_000)


class Files(unittest.TestCase):
    def write(self, folder, input_price, *more):
        first = folder / "first.json"
        first.write_text(json.dumps({"m": litellm(input_cost_per_token=input_price, output_cost_per_token=2e-06)}))
        second = folder / "second.json"
        second.write_text(json.dumps({p: {"models": {}} for _, p in make.PROVIDERS.values() if p}))
        output = folder / "catalogue.tsv"
        sys.argv = ["make.py", "--litellm", str(first), "--litellm-date", "2026-07-24", "--models-dev",
                    str(second), "--models-dev-date", "2026-07-02", "--output", str(output), *more]  # fmt: skip
        stdout, sys.stdout = sys.stdout, open(folder / "out", "w")
        try:
            make.main()
        finally:
            sys.stdout.close()
            sys.stdout = stdout
        return [line.split("\t") for line in output.read_text().splitlines() if line.startswith("openai")]

    def test_a_changed_price_keeps_its_past(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            self.assertEqual([row[6:8] for row in self.write(folder, 1e-06)], [["", "1000000"]])
            previous = folder / "previous.tsv"
            (folder / "catalogue.tsv").rename(previous)
            rows = self.write(folder, 3e-06, "--previous", str(previous))
            self.assertEqual([row[6:8] for row in rows], [["", "1000000"], ["2026-07-24", "3000000"]])
            (folder / "catalogue.tsv").rename(previous)
            self.assertEqual(self.write(folder, 3e-06, "--previous", str(previous)), rows)


if __name__ == "__main__":
    unittest.main()
