# SPDX-License-Identifier: GPL-3.0-or-later
"""resources/catalogue/makemodels.py: what is believed of whom."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "resources" / "catalogue"))
import make  # noqa: E402
import makemodels  # noqa: E402


def model(name, reasoning=True, options=None, inputs=("text",), outputs=("text",), **members):
    return {
        "id": name,
        "tool_call": True,
        "reasoning": reasoning,
        "reasoning_options": options or [],
        "modalities": {"input": list(inputs), "output": list(outputs)},
        "limit": {"context": 1000, "output": 100},
    } | members


def rows(**vendors):
    """Vendors by models.dev's ids, - written as _."""
    known = {v for v in [*makemodels.MAKERS, *makemodels.MORE.values()]}
    known |= {theirs for _, theirs in make.PROVIDERS.values() if theirs}
    empty = {vendor: {"models": {}} for vendor in known}
    given = {
        vendor.replace("_", "-"): {"models": {m["id"]: m for m in models}}
        for vendor, models in vendors.items()
    }
    return makemodels.rows_from(empty | given)


EFFORT = {"type": "effort", "values": ["high", "low"]}


class MakeModels(unittest.TestCase):
    def test_a_makers_model_is_everybodys(self):
        made = rows(openai=[model("gpt", options=[EFFORT], temperature=False)])
        self.assertEqual(made, {("", "gpt"): ["1000", "100", "t", "some", "no", "low,high"]})

    def test_a_reseller_is_listed_where_it_differs(self):
        made = rows(
            openai=[model("gpt")],
            groq=[model("openai/gpt"), model("small/gpt", limit={"context": 10})],
        )
        self.assertEqual(set(made), {("", "gpt"), ("groq", "small/gpt")})
        self.assertEqual(made[("groq", "small/gpt")][:2], ["10", ""])

    def test_a_reseller_that_knows_no_thinkers_is_not_believed(self):
        made = rows(
            openai=[model("gpt", options=[EFFORT]), model("plain", reasoning=False)],
            helicone=[
                model("gpt", reasoning=False, limit={}),
                model("plain", reasoning=False, limit={}),
                model("open-weights", reasoning=False),
            ],
            groq=[model("lab/Open-Weights")],
        )
        self.assertEqual(made[("helicone", "gpt")][3:], ["some", "", "low,high"])
        self.assertEqual(made[("helicone", "plain")][3], "none")
        self.assertEqual(made[("helicone", "open-weights")][3], "")

    def test_whether_reasoning_can_be_switched_off(self):
        def reasoning(*options):
            return makemodels.reasoning_of(model("m", options=list(options)))

        self.assertEqual(reasoning({"type": "toggle"}), "optional")
        self.assertEqual(reasoning({"type": "effort", "values": ["none", "low"]}), "optional")
        self.assertEqual(reasoning({"type": "budget_tokens", "min": 1024}), "optional")
        self.assertEqual(reasoning({"type": "budget_tokens", "min": 0}), "optional")
        self.assertEqual(reasoning({"type": "budget_tokens", "min": 128}), "always")
        self.assertEqual(reasoning({"type": "budget_tokens"}), "some")
        self.assertEqual(reasoning(EFFORT), "some")
        self.assertEqual(makemodels.reasoning_of(model("m", reasoning=False)), "none")

    def test_what_gives_no_text_is_left_out(self):
        made = rows(openai=[model("draw", outputs=["image"]), model("text-embedding")])
        self.assertEqual(made, {})

    def test_inputs_and_schemas_are_letters(self):
        made = rows(
            google=[
                model("all", inputs=["text", "image", "pdf", "audio", "video"]),
                model("yes", structured_output=True),
                model("no", structured_output=False, tool_call=False),
            ]
        )
        self.assertEqual([made[("", m)][2] for m in ("all", "yes", "no")], ["tvdaf", "ts", "S"])


if __name__ == "__main__":
    unittest.main()
