// SPDX-License-Identifier: GPL-3.0-or-later
import assert from "node:assert/strict";
import test from "node:test";

import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, embedMany, generateText, isStepCount, Output, streamText, tool } from "ai";
import { z } from "zod";

import { gateway, leavesUpstream, token } from "./common.mjs";

const openai = (apiKey) => createOpenAI({ apiKey, baseURL: `${gateway}/v1` });
const compatible = (apiKey) => createOpenAICompatible(
  { name: "tollgate", apiKey, baseURL: `${gateway}/v1`, includeUsage: true, supportsStructuredOutputs: true });
const anthropic = (apiKey) => createAnthropic({ apiKey, baseURL: `${gateway}/v1` });
const google = (apiKey) => createGoogleGenerativeAI({ apiKey, baseURL: `${gateway}/v1beta` });

const ways = {
  "openai, responses": [(model, key = token) => openai(key).responses(model), "gpt"],
  "openai, chat": [(model, key = token) => openai(key).chat(model), "gpt"],
  "openai-compatible": [(model, key = token) => compatible(key)(model), "gpt"],
  anthropic: [(model, key = token) => anthropic(key)(model), "claude"],
  google: [(model, key = token) => google(key)(model), "gemini"],
};
const maxRetries = 0;

for (const [name, [make, family]] of Object.entries(ways)) {
  const model = make(`${family}-test`);

  test(`${name}: plain and streamed, with usage`, async () => {
    const plain = await generateText({ model, prompt: "one two", maxRetries });
    assert.equal(plain.text, "echo: one two");
    assert.equal(plain.usage.inputTokens, 2);
    const stream = streamText({ model, prompt: "one two", maxRetries });
    let text = "";
    for await (const piece of stream.textStream) text += piece;
    assert.equal(text, "echo: one two");
    assert.equal((await stream.usage).outputTokens, 3);
  });

  test(`${name}: a tool is called, runs, and its result is answered`, async () => {
    const asked = [];
    const answer = await generateText({ model, prompt: "weather?", maxRetries, stopWhen: isStepCount(2),
      tools: { weather: tool({ inputSchema: z.object({ city: z.string(), n: z.number().optional() }),
        execute: async ({ city }) => {
          asked.push(city);
          return "rain";
        } }) } });
    assert.deepEqual(asked, ["Zürich"]);
    assert.match(answer.text, /^The tool said: .*rain/);
  });

  test(`${name}: structured output`, async () => {
    const answer = await generateText({ model, prompt: "x", maxRetries,
      output: Output.object({ schema: z.object({ city: z.string() }) }) });
    assert.deepEqual(answer.output, { city: "pong" });
  });

  test(`${name}: leaving in mid-stream ends the provider's work`, async () => {
    await leavesUpstream(async () => {
      const leave = new AbortController();
      const stream = streamText({ model: make(`${family}-slow`), prompt: "go", maxRetries,
        abortSignal: leave.signal, onError: () => {} });
      try {
        for await (const piece of stream.textStream) {
          if (piece) leave.abort();
        }
      } catch (error) {
        assert.match(`${error.name} ${error.message}`, /abort/i);
      }
    });
  });

  test(`${name}: errors are API errors with the status`, async () => {
    for (const [asked, status] of [[make(`${family}-test`, "tg-nonsense"), 401],
      [make(`${family}-unheard-of`), 404], [make(`${family}-busy`), 429], [make(`${family}-down`), 502]]) {
      await assert.rejects(generateText({ model: asked, prompt: "x", maxRetries }), (error) => {
        assert.ok(APICallError.isInstance(error), `${error.name}: ${error.message}`);
        assert.equal(error.statusCode, status);
        return true;
      });
    }
  });
}

test("embeddings", async () => {
  for (const model of [openai(token).embeddingModel("embed-test"), compatible(token).embeddingModel("embed-test"),
    google(token).embeddingModel("gemini-embed")]) {
    const { embeddings } = await embedMany({ model, values: ["a b", "c"], maxRetries });
    assert.deepEqual(embeddings.map((one) => one.length), [8, 8]);
  }
});
