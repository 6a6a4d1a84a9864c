// SPDX-License-Identifier: GPL-3.0-or-later
// Files and batches by the vendors' own SDKs.
import assert from "node:assert/strict";
import test from "node:test";

import Anthropic, { toFile as toAnthropicFile } from "@anthropic-ai/sdk";
import OpenAI, { toFile } from "openai";

import { gateway, hitsOf, keys, rejects, token } from "./common.mjs";

const openai = new OpenAI({ apiKey: token, baseURL: `${gateway}/v1`, maxRetries: 0 });
const anthropic = new Anthropic({ apiKey: token, authToken: null, baseURL: gateway, maxRetries: 0 });
const line = (n) => JSON.stringify({ custom_id: `${n}`, method: "POST", url: "/v1/chat/completions",
  body: { model: "gpt-test", messages: [] } });

test("openai: a file and a batch over it", async () => {
  const file = await openai.files.create({
    file: await toFile(Buffer.from(`${line(1)}\n${line(2)}\n`), "in.jsonl"), purpose: "batch" });
  assert.equal(file.object, "file");
  assert.equal((await openai.files.retrieve(file.id)).id, file.id);
  const listed = [];
  for await (const one of openai.files.list()) listed.push(one.id);
  assert.ok(listed.includes(file.id));
  const batch = await openai.batches.create({
    input_file_id: file.id, endpoint: "/v1/chat/completions", completion_window: "24h" });
  const done = await openai.batches.retrieve(batch.id);
  assert.equal(done.status, "completed");
  const output = await (await openai.files.content(done.output_file_id)).text();
  assert.equal(output.trim().split("\n").length, 2);
  const batches = [];
  for await (const one of openai.batches.list({ limit: 1 })) batches.push(one.id);
  assert.ok(batches.includes(batch.id));
  assert.equal((await openai.files.delete(file.id)).deleted, true);
  await rejects(openai.files.retrieve(file.id), OpenAI.NotFoundError, 404);
});

test("anthropic: a batch and its results", async () => {
  const requests = [1, 2].map((n) => ({ custom_id: `${n}`, params: {
    model: "claude-test", max_tokens: 5, messages: [{ role: "user", content: "x" }] } }));
  const batch = await anthropic.messages.batches.create({ requests });
  const ended = await anthropic.messages.batches.retrieve(batch.id);
  assert.equal(ended.processing_status, "ended");
  const results = [];
  const hits = await hitsOf(async () => {
    for await (const result of await anthropic.messages.batches.results(batch.id)) results.push(result);
  });
  assert.deepEqual(results.map((one) => one.result.type), ["succeeded", "succeeded"]);
  assert.ok(hits.every((hit) => hit.key === keys.FAKE_ANTHROPIC));
  const listed = [];
  for await (const one of anthropic.messages.batches.list({ limit: 1 })) listed.push(one.id);
  assert.ok(listed.includes(batch.id));
  assert.equal((await anthropic.messages.batches.delete(batch.id)).type, "message_batch_deleted");
  await rejects(anthropic.messages.batches.retrieve(batch.id), Anthropic.NotFoundError, 404);
});

test("anthropic: files", async () => {
  const file = await anthropic.beta.files.upload({
    file: await toAnthropicFile(Buffer.from("hello"), "a.txt", { type: "text/plain" }) });
  assert.equal(file.type, "file");
  assert.equal((await anthropic.beta.files.retrieveMetadata(file.id)).id, file.id);
  assert.equal(await (await anthropic.beta.files.download(file.id)).text(), "hello");
  assert.equal((await anthropic.beta.files.delete(file.id)).type, "file_deleted");
  await rejects(anthropic.beta.files.retrieveMetadata(file.id), Anthropic.NotFoundError, 404);
});
