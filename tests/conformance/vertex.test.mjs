// SPDX-License-Identifier: GPL-3.0-or-later
// Google's and Anthropic's own SDKs, with Vertex AI behind.
import assert from "node:assert/strict";
import test from "node:test";

import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";

import { gateway, hitsOf, token } from "./common.mjs";

const google = new GoogleGenAI({ apiKey: token, httpOptions: { baseUrl: gateway } });
const anthropic = new Anthropic({ apiKey: token, authToken: null, baseURL: gateway, maxRetries: 0 });
const parent = "/v1/projects/p-1/locations/us-east5/publishers";
const gemini = { model: "gemini-vertex", contents: "one two" };
const claude = { model: "claude-vertex", max_tokens: 50, messages: [{ role: "user", content: "one two" }] };

// The last hit: the first may be the exchange of the service account.
async function lastHit(act) {
  const hit = (await hitsOf(act)).at(-1);
  assert.equal(hit.key, "ya29.fake-access-token");
  assert.equal(hit.carrier, "authorization");
  return hit;
}

test("@google/genai: whole, streamed, counted", async () => {
  let answer;
  let hit = await lastHit(async () => { answer = await google.models.generateContent(gemini); });
  assert.equal(answer.text, "echo: one two");
  assert.equal(hit.target, `${parent}/google/models/gemini-vertex:generateContent`);
  let text = "";
  hit = await lastHit(async () => {
    for await (const chunk of await google.models.generateContentStream(gemini)) text += chunk.text ?? "";
  });
  assert.equal(text, "echo: one two");
  assert.equal(hit.target, `${parent}/google/models/gemini-vertex:streamGenerateContent?alt=sse`);
  assert.equal((await google.models.countTokens(gemini)).totalTokens, 2);
});

test("@anthropic-ai/sdk: whole, streamed, counted", async () => {
  let answer;
  let hit = await lastHit(async () => { answer = await anthropic.messages.create(claude); });
  assert.equal(answer.content[0].text, "echo: one two");
  assert.equal(hit.target, `${parent}/anthropic/models/claude-vertex:rawPredict`);
  assert.equal(JSON.parse(hit.body).anthropic_version, "vertex-2023-10-16");
  assert.equal(JSON.parse(hit.body).model, undefined);
  hit = await lastHit(async () => { answer = await anthropic.messages.stream(claude).finalMessage(); });
  assert.equal(answer.content[0].text, "echo: one two");
  assert.equal(hit.target, `${parent}/anthropic/models/claude-vertex:streamRawPredict`);
  const { max_tokens, ...counted } = claude;
  assert.equal((await anthropic.messages.countTokens(counted)).input_tokens, 2);
});

test("each SDK reaches the other's model", async () => {
  const said = await anthropic.messages.create({ ...claude, model: "gemini-vertex" });
  assert.equal(said.content[0].text, "echo: one two");
  const answer = await google.models.generateContent({ ...gemini, model: "claude-vertex" });
  assert.equal(answer.text, "echo: one two");
});
