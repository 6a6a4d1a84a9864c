// SPDX-License-Identifier: GPL-3.0-or-later
import assert from "node:assert/strict";
import test from "node:test";

import Anthropic from "@anthropic-ai/sdk";

import { gateway, header, hitsOf, keys, leavesUpstream, poorToken, rejects, token, weather }
  from "./common.mjs";

const anthropic = (options = {}) =>
  new Anthropic({ apiKey: token, authToken: null, baseURL: gateway, maxRetries: 0, ...options });
const client = anthropic();
const ask = (content, more = {}) =>
  ({ model: "claude-test", max_tokens: 100, messages: [{ role: "user", content }], ...more });

test("messages: a plain answer, the body unchanged, the provider's own key upstream", async () => {
  let answer;
  const asked = ask("one two", { metadata: { user_id: '{"a":1}' }, unknown_member: [1.0, null] });
  const [hit] = await hitsOf(async () => {
    answer = await client.messages.create(asked, { headers: { "anthropic-beta": "x-1,y-2" } });
  });
  assert.equal(answer.content[0].text, "echo: one two");
  assert.equal(answer.usage.input_tokens, 2);
  assert.equal(hit.body, JSON.stringify(asked));
  assert.equal(hit.key, keys.FAKE_ANTHROPIC);
  assert.equal(header(hit, "anthropic-beta"), "x-1,y-2");
  assert.ok(header(hit, "anthropic-version"));
  assert.ok(!JSON.stringify(hit.headers).includes(token));
});

test("messages: a stream, event by event and assembled", async () => {
  const types = [];
  for await (const event of await client.messages.create(ask("a b c", { stream: true }))) {
    types.push(event.type);
  }
  assert.equal(types[0], "message_start");
  assert.equal(types.at(-1), "message_stop");
  const message = await client.messages.stream(ask("a b c")).finalMessage();
  assert.equal(message.content[0].text, "echo: a b c");
  assert.equal(message.usage.output_tokens, 4);
});

test("messages: a tool call and its result, plain and streamed", async () => {
  const tools = [{ name: "weather", input_schema: weather }];
  const first = await client.messages.create(ask("weather?", { tools }));
  assert.equal(first.stop_reason, "tool_use");
  assert.deepEqual(first.content[0].input, { city: "Zürich", n: 1 });
  const streamed = await client.messages.stream(ask("weather?", { tools })).finalMessage();
  assert.deepEqual(streamed.content[0].input, first.content[0].input);
  const second = await client.messages.create({ ...ask("weather?", { tools }), messages: [
    { role: "user", content: "weather?" }, { role: "assistant", content: first.content },
    { role: "user", content: [
      { type: "tool_result", tool_use_id: first.content[0].id, content: "rain" }] }] });
  assert.equal(second.content[0].text, "The tool said: rain");
});

test("messages: structured output goes through", async () => {
  const answer = await client.messages.create(ask("x", {
    output_config: { format: { type: "json_schema", schema: weather } } }));
  assert.deepEqual(JSON.parse(answer.content[0].text), { city: "pong", n: 1.5 });
});

test("messages: leaving in mid-stream ends the provider's work", async () => {
  await leavesUpstream(async () => {
    const stream = client.messages.stream(ask("go", { model: "claude-slow" }));
    await rejects((async () => {
      for await (const event of stream) {
        if (event.type === "content_block_delta") stream.abort();
      }
    })(), Anthropic.APIUserAbortError);
  });
});

test("count_tokens", async () => {
  const { model, messages } = ask("one two three");
  assert.equal((await client.messages.countTokens({ model, messages })).input_tokens, 3);
});

test("models: a list this SDK can page through", async () => {
  const found = [];
  for await (const model of client.models.list({ limit: 1000 })) {
    assert.equal(model.type, "model");
    assert.ok(model.display_name);
    found.push(model.id);
  }
  assert.ok(found.includes("claude-test"));
});

test("both ways to carry a token", async () => {
  for (const options of [{ apiKey: token }, { apiKey: null, authToken: token }]) {
    assert.equal((await anthropic(options).messages.create(ask("x"))).content[0].text, "echo: x");
  }
});

test("errors are the SDK's own", async () => {
  const fail = (model, options) => anthropic(options).messages.create(ask("x", { model }));
  const cases = [
    [() => fail("claude-test", { apiKey: "tg-nonsense" }), Anthropic.AuthenticationError, 401, "authentication_error"],
    [() => fail("claude-unheard-of"), Anthropic.NotFoundError, 404, "not_found_error"],
    [() => fail("claude-busy"), Anthropic.RateLimitError, 429, "rate_limit_error"],
    [() => fail("claude-down"), Anthropic.InternalServerError, 502, "api_error"],
    [() => fail("claude-priced", { apiKey: poorToken }), Anthropic.PaymentRequiredError, 402, "billing_error"],
  ];
  for (const [act, kind, status, type] of cases) {
    const error = await rejects(act(), kind, status);
    assert.equal(error.error.type, "error");
    assert.equal(error.error.error.type, type);
    assert.ok(error.error.error.message);
    assert.ok(error.requestID, `no request id with ${status}`);
  }
});

test("errors: a stream that breaks throws, and never ends well", async () => {
  await rejects(client.messages.stream(ask("a b c d", { model: "claude-broken" })).finalMessage(),
    Anthropic.APIError);
});
