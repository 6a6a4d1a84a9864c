// SPDX-License-Identifier: GPL-3.0-or-later
import assert from "node:assert/strict";
import test from "node:test";

import { ApiError, GoogleGenAI } from "@google/genai";

import { gateway, hitsOf, keys, leavesUpstream, poorToken, rejects, token, weather } from "./common.mjs";

const google = (options = {}) => new GoogleGenAI({ apiKey: token, httpOptions: { baseUrl: gateway }, ...options });
const client = google();
const ask = (contents, config) => ({ model: "gemini-test", contents, config });

test("generateContent: a plain answer and the provider's own key upstream", async () => {
  let answer;
  const [hit] = await hitsOf(async () => {
    answer = await client.models.generateContent(ask("one two", { temperature: 0.5 }));
  });
  assert.equal(answer.text, "echo: one two");
  assert.equal(answer.usageMetadata.promptTokenCount, 2);
  assert.equal(hit.key, keys.FAKE_GEMINI);
  assert.equal(hit.carrier, "x-goog-api-key");
  assert.ok(!hit.target.includes(token) && !hit.target.includes("key="));
});

test("generateContent: either version of the path", async () => {
  for (const apiVersion of ["v1", "v1beta"]) {
    const answer = await google({ apiVersion }).models.generateContent(ask("x"));
    assert.equal(answer.text, "echo: x", apiVersion);
  }
});

test("generateContentStream", async () => {
  let text = "";
  let usage;
  for await (const chunk of await client.models.generateContentStream(ask("a b c"))) {
    text += chunk.text ?? "";
    usage = chunk.usageMetadata ?? usage;
  }
  assert.equal(text, "echo: a b c");
  assert.equal(usage.candidatesTokenCount, 4);
});

test("a tool call and its result", async () => {
  const config = { tools: [{ functionDeclarations: [{ name: "weather", parametersJsonSchema: weather }] }] };
  const first = await client.models.generateContent(ask("weather?", config));
  assert.deepEqual(first.functionCalls[0].args, { city: "Zürich", n: 1 });
  const second = await client.models.generateContent(ask([
    { role: "user", parts: [{ text: "weather?" }] },
    first.candidates[0].content,
    { role: "user", parts: [{ functionResponse: { name: "weather", response: { output: "rain" } } }] },
  ], config));
  assert.equal(second.text, "The tool said: rain");
});

test("structured output goes through", async () => {
  const answer = await client.models.generateContent(ask("x",
    { responseMimeType: "application/json", responseJsonSchema: weather }));
  assert.deepEqual(JSON.parse(answer.text), { city: "pong", n: 1.5 });
});

test("countTokens and embedContent", async () => {
  assert.equal((await client.models.countTokens({ model: "gemini-test", contents: "a b c" })).totalTokens, 3);
  const embedded = await client.models.embedContent({ model: "gemini-embed", contents: "a b" });
  assert.equal(embedded.embeddings[0].values.length, 8);
});

test("leaving in mid-stream ends the provider's work", async () => {
  await leavesUpstream(async () => {
    const leave = new AbortController();
    const stream = await client.models.generateContentStream({ model: "gemini-slow", contents: "go",
      config: { abortSignal: leave.signal } });
    try {
      for await (const chunk of stream) {
        if (chunk.text) leave.abort();
      }
    } catch (error) {
      assert.match(`${error.name} ${error.message}`, /abort/i);
    }
  });
});

test("errors are the SDK's own", async () => {
  const fail = (model, options) => google(options).models.generateContent({ model, contents: "x" });
  const cases = [
    [() => fail("gemini-test", { apiKey: "tg-nonsense" }), 401, "UNAUTHENTICATED"],
    [() => fail("gemini-unheard-of"), 404, "NOT_FOUND"],
    [() => fail("gemini-busy"), 429, "RESOURCE_EXHAUSTED"],
    [() => fail("gemini-down"), 502, ""],
    [() => fail("gemini-priced", { apiKey: poorToken }), 402, ""],
  ];
  for (const [act, status, word] of cases) {
    const error = await rejects(act(), ApiError, status);
    const body = JSON.parse(error.message);
    assert.equal(body.error.code, status);
    assert.ok(body.error.message);
    if (word) assert.equal(body.error.status, word);
  }
});

test("errors: a stream that breaks throws, and never ends well", async () => {
  await rejects((async () => {
    for await (const chunk of await client.models.generateContentStream(
      { model: "gemini-broken", contents: "a b c d" })) assert.ok(chunk);
  })(), Error);
});
