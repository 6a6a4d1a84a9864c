// SPDX-License-Identifier: GPL-3.0-or-later
import assert from "node:assert/strict";
import test from "node:test";

import OpenAI from "openai";
import { zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";

import { gateway, header, hitsOf, keys, leavesUpstream, poorToken, rejects, token, weather }
  from "./common.mjs";

const openai = (options = {}) =>
  new OpenAI({ apiKey: token, baseURL: `${gateway}/v1`, maxRetries: 0, ...options });
const client = openai();
const user = (content) => [{ role: "user", content }];

test("chat: a plain answer with its usage, and the provider's own key upstream", async () => {
  let answer;
  const asked = { model: "gpt-test", messages: user("one two"), temperature: 0.5, seed: 9007199254740991 };
  const [hit] = await hitsOf(async () => {
    answer = await client.chat.completions.create(asked);
  });
  assert.equal(answer.choices[0].message.content, "echo: one two");
  assert.equal(answer.usage.total_tokens, 5);
  assert.deepEqual(JSON.parse(hit.body), asked);
  assert.equal(hit.key, keys.FAKE_OPENAI);
  assert.ok(!JSON.stringify(hit.headers).includes(token));
});

test("chat: a stream without usage stays without", async () => {
  let text = "";
  for await (const chunk of await client.chat.completions.create(
    { model: "gpt-test", messages: user("a b c"), stream: true })) {
    assert.equal(chunk.choices.length, 1);
    assert.ok(!chunk.usage);
    text += chunk.choices[0].delta.content ?? "";
  }
  assert.equal(text, "echo: a b c");
});

test("chat: a stream with usage has it in its last chunk", async () => {
  let last;
  for await (const chunk of await client.chat.completions.create(
    { model: "gpt-test", messages: user("a b c"), stream: true, stream_options: { include_usage: true } })) {
    last = chunk;
  }
  assert.deepEqual(last.choices, []);
  assert.equal(last.usage.prompt_tokens, 3);
  assert.equal(last.usage.completion_tokens, 4);
});

test("chat: the stream helper assembles the message", async () => {
  const stream = client.chat.completions.stream({ model: "gpt-test", messages: user("x y") });
  assert.equal((await stream.finalChatCompletion()).choices[0].message.content, "echo: x y");
});

const tool = { type: "function", function: { name: "weather", parameters: weather } };

test("chat: a tool call and its result, plain and streamed", async () => {
  const messages = user("weather?");
  const first = await client.chat.completions.create({ model: "gpt-test", messages, tools: [tool] });
  const [call] = first.choices[0].message.tool_calls;
  assert.equal(first.choices[0].finish_reason, "tool_calls");
  assert.equal(call.function.arguments, '{"city": "Zürich", "n": 1.0}');
  const streamed = await client.chat.completions.stream(
    { model: "gpt-test", messages, tools: [tool] }).finalChatCompletion();
  assert.equal(streamed.choices[0].message.tool_calls[0].function.arguments, call.function.arguments);
  const second = await client.chat.completions.create({ model: "gpt-test", tools: [tool], messages: [
    ...messages, first.choices[0].message, { role: "tool", tool_call_id: call.id, content: "rain" }] });
  assert.equal(second.choices[0].message.content, "The tool said: rain");
});

test("chat: structured output goes through and parses", async () => {
  const shape = z.object({ city: z.string(), n: z.number() });
  const answer = await client.chat.completions.parse({ model: "gpt-test", messages: user("x"),
    response_format: zodResponseFormat(shape, "place") });
  assert.deepEqual(answer.choices[0].message.parsed, { city: "pong", n: 1.5 });
});

test("chat: leaving in mid-stream ends the provider's work", async () => {
  await leavesUpstream(async () => {
    const stream = await client.chat.completions.create(
      { model: "gpt-slow", messages: user("go"), stream: true });
    let seen = 0;
    for await (const chunk of stream) {
      if (chunk && ++seen === 3) stream.controller.abort();
    }
    assert.ok(seen >= 3);
  });
});

test("completions: plain and streamed", async () => {
  const asked = { model: "gpt-test", prompt: "one two" };
  const answer = await client.completions.create(asked);
  assert.equal(answer.choices[0].text, "echo: one two");
  let text = "";
  for await (const chunk of await client.completions.create({ ...asked, stream: true })) {
    text += chunk.choices[0].text;
  }
  assert.equal(text, "echo: one two");
});

test("embeddings: the SDK's base64 default and floats agree", async () => {
  const asked = { model: "embed-test", input: ["a b", "c"] };
  const packed = await client.embeddings.create(asked);
  const floats = await client.embeddings.create({ ...asked, encoding_format: "float" });
  assert.equal(packed.data.length, 2);
  assert.deepEqual(packed.data.map((one) => Array.from(one.embedding)),
    floats.data.map((one) => one.embedding));
  assert.equal(packed.usage.total_tokens, 3);
});

test("models: listed and fetched by name", async () => {
  const found = [];
  for await (const model of client.models.list()) found.push(model.id);
  for (const name of ["gpt-test", "claude-test", "gemini-test"]) assert.ok(found.includes(name), name);
  assert.equal((await client.models.retrieve("gpt-test")).id, "gpt-test");
  await rejects(client.models.retrieve("no-such-model"), OpenAI.NotFoundError, 404);
});

test("responses: plain, streamed and with a tool", async () => {
  const plain = await client.responses.create({ model: "gpt-test", input: "one two" });
  assert.equal(plain.output_text, "echo: one two");
  assert.equal(plain.usage.input_tokens, 2);
  const types = [];
  let text = "";
  for await (const event of await client.responses.create(
    { model: "gpt-test", input: "one two", stream: true })) {
    types.push(event.type);
    if (event.type === "response.output_text.delta") text += event.delta;
  }
  assert.equal(text, "echo: one two");
  assert.equal(types[0], "response.created");
  assert.equal(types.at(-1), "response.completed");
  const tools = [{ type: "function", name: "weather", parameters: weather, strict: false }];
  const input = user("weather?");
  const first = await client.responses.create({ model: "gpt-test", input, tools });
  assert.equal(first.output[0].type, "function_call");
  const second = await client.responses.create({ model: "gpt-test", tools, input: [...input, ...first.output,
    { type: "function_call_output", call_id: first.output[0].call_id, output: "rain" }] });
  assert.equal(second.output_text, "The tool said: rain");
});

test("responses: structured output goes through and parses", async () => {
  const shape = z.object({ city: z.string() });
  const answer = await client.responses.parse({ model: "gpt-test", input: "x",
    text: { format: zodTextFormat(shape, "place") } });
  assert.deepEqual(answer.output_parsed, { city: "pong" });
});

test("responses: leaving in mid-stream ends the provider's work", async () => {
  await leavesUpstream(async () => {
    const stream = await client.responses.create({ model: "gpt-slow", input: "go", stream: true });
    for await (const event of stream) {
      if (event.type === "response.output_text.delta") break;
    }
  });
});

test("headers: what matters goes through, what does not stays", async () => {
  const [hit] = await hitsOf(() => openai({ organization: "org-1" }).chat.completions.create(
    { model: "gpt-test", messages: user("x") },
    { headers: { "OpenAI-Beta": "thing=v1", "Proxy-Authorization": "Basic eDp5", Cookie: "a=b" } }));
  assert.equal(header(hit, "openai-beta"), "thing=v1");
  assert.equal(header(hit, "proxy-authorization"), undefined);
  assert.equal(header(hit, "cookie"), undefined);
  assert.equal(header(hit, "authorization"), `Bearer ${keys.FAKE_OPENAI}`);
});

test("errors are the SDK's own, with the gateway's request id", async () => {
  const ask = (model, options) => openai(options).chat.completions.create({ model, messages: user("x") });
  const cases = [
    [() => ask("gpt-test", { apiKey: "tg-nonsense" }), OpenAI.AuthenticationError, 401],
    [() => ask("gpt-unheard-of"), OpenAI.NotFoundError, 404],
    [() => ask("gpt-busy"), OpenAI.RateLimitError, 429],
    [() => ask("gpt-priced", { apiKey: poorToken }), OpenAI.APIError, 402],
    [() => ask("gpt-down"), OpenAI.InternalServerError, 502],
    [() => ask("gpt-refused"), OpenAI.InternalServerError, 502],
  ];
  for (const [act, kind, status] of cases) {
    const error = await rejects(act(), kind, status);
    assert.ok(error.error?.message, `no message with ${status}`);
    assert.ok(error.requestID ?? error.request_id, `no request id with ${status}`);
  }
});

test("errors: a body that is no request is a 400", async () => {
  await rejects(client.chat.completions.create({ messages: user("x") }), OpenAI.BadRequestError, 400);
});

test("errors: a stream that breaks throws, and never ends well", async () => {
  const stream = await client.chat.completions.create(
    { model: "gpt-broken", messages: user("a b c d"), stream: true });
  await rejects((async () => {
    for await (const chunk of stream) assert.ok(chunk);
  })(), OpenAI.APIError);
});

test("base URLs are forgiven", async () => {
  for (const path of ["", "/", "/v1", "/v1/", "/v1/v1"]) {
    const answer = await openai({ baseURL: gateway + path }).chat.completions.create(
      { model: "gpt-test", messages: user("x") });
    assert.equal(answer.choices[0].message.content, "echo: x", path);
  }
});
