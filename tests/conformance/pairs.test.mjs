// SPDX-License-Identifier: GPL-3.0-or-later
// Every SDK against every upstream format, each pair by the same story. The model's name says which
// format the provider behind it speaks and what the provider does.
import assert from "node:assert/strict";
import test from "node:test";

import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import { Ollama } from "ollama";
import OpenAI from "openai";

import { gateway, hitsOf, leavesUpstream, rejects, token, weather } from "./common.mjs";

const openai = new OpenAI({ apiKey: token, baseURL: `${gateway}/v1`, maxRetries: 0 });
const anthropic = new Anthropic({ apiKey: token, authToken: null, baseURL: gateway, maxRetries: 0 });
const google = new GoogleGenAI({
  apiKey: token, httpOptions: { baseUrl: gateway, retryOptions: { attempts: 1 } } });

const ollama = () => new Ollama({ host: gateway, headers: { Authorization: `Bearer ${token}` } });

const upstreams = { chat: /^\/v1\/chat\/completions$/, responses: /^\/v1\/responses$/,
  messages: /^\/v1\/messages$/, gemini: /:(streamG|g)enerateContent/, cohere: /^\/v2\/chat$/,
  converse: /^\/model\/[^/]+\/converse(-stream)?$/ };
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const city = { city: "Zürich", n: 1 };

// What the SDKs have in common, as the story needs it. `ask` and `stream` give
// { text, calls: [{ name, input }], thought, usage, more } where `more` continues the conversation.
const clients = {
  chat: {
    kinds: OpenAI, abort: OpenAI.APIUserAbortError,
    start: (text) => [{ role: "user", content: text }],
    image: (text) => [{ role: "user", content: [{ type: "text", text },
      { type: "image_url", image_url: { url: `data:image/png;base64,${pixel}` } }] }],
    request: (model, messages, { tools, think, schema }) => ({ model, messages,
      ...(tools && { tools: [{ type: "function", function: { name: "weather", parameters: weather } }] }),
      ...(think && { reasoning_effort: "high" }),
      ...(schema && { response_format: { type: "json_schema",
        json_schema: { name: "w", schema: weather } } }) }),
    async ask(...asked) {
      const answer = await openai.chat.completions.create(this.request(...asked));
      return this.read(answer);
    },
    async stream(...asked) {
      const runner = openai.chat.completions.stream({ ...this.request(...asked),
        stream_options: { include_usage: true } });
      return this.read(await runner.finalChatCompletion());
    },
    read(answer) {
      const { message, finish_reason: stop } = answer.choices[0];
      const calls = message.tool_calls ?? [];
      assert.equal(stop, calls.length ? "tool_calls" : "stop");
      return { text: message.content ?? "", thought: message.reasoning_content,
        calls: calls.map((c) => ({ name: c.function.name, input: JSON.parse(c.function.arguments) })),
        usage: [answer.usage.prompt_tokens, answer.usage.completion_tokens],
        more: [message, ...calls.map((c) => ({ role: "tool", tool_call_id: c.id, content: "rain" }))] };
    },
    begin: (model, signal) => openai.chat.completions.create(
      { model, messages: [{ role: "user", content: "x" }], stream: true }, { signal }),
  },
  responses: {
    kinds: OpenAI, abort: OpenAI.APIUserAbortError,
    start: (text) => [{ role: "user", content: text }],
    image: (text) => [{ role: "user", content: [{ type: "input_text", text },
      { type: "input_image", detail: "auto", image_url: `data:image/png;base64,${pixel}` }] }],
    request: (model, input, { tools, think, schema }) => ({ model, input, store: false,
      ...(tools && { tools: [{ type: "function", name: "weather", parameters: weather, strict: false }] }),
      ...(think && { reasoning: { effort: "high", summary: "auto" },
        include: ["reasoning.encrypted_content"] }),
      ...(schema && { text: { format: { type: "json_schema", name: "w", schema: weather } } }) }),
    async ask(...asked) { return this.read(await openai.responses.create(this.request(...asked))); },
    async stream(...asked) {
      return this.read(await openai.responses.stream(this.request(...asked)).finalResponse());
    },
    read(answer) {
      assert.equal(answer.status, "completed");
      const calls = answer.output.filter((item) => item.type === "function_call");
      const thought = answer.output.find((item) => item.type === "reasoning");
      return { text: answer.output_text,
        thought: [...(thought?.summary ?? []), ...(thought?.content ?? [])].map((p) => p.text).join("")
          || undefined,
        calls: calls.map((c) => ({ name: c.name, input: JSON.parse(c.arguments) })),
        usage: [answer.usage.input_tokens, answer.usage.output_tokens],
        more: [...answer.output, ...calls.map((c) => (
          { type: "function_call_output", call_id: c.call_id, output: "rain" }))] };
    },
    begin: (model, signal) => openai.responses.create({ model, input: "x", stream: true }, { signal }),
  },
  messages: {
    kinds: Anthropic, abort: Anthropic.APIUserAbortError,
    start: (text) => [{ role: "user", content: text }],
    image: (text) => [{ role: "user", content: [{ type: "text", text },
      { type: "image", source: { type: "base64", media_type: "image/png", data: pixel } }] }],
    request: (model, messages, { tools, think, schema }) => ({ model, messages, max_tokens: 4000,
      ...(tools && { tools: [{ name: "weather", input_schema: weather }] }),
      ...(think && { thinking: { type: "enabled", budget_tokens: 2000 } }),
      ...(schema && { output_config: { format: { type: "json_schema", schema: weather } } }) }),
    async ask(...asked) { return this.read(await anthropic.messages.create(this.request(...asked))); },
    async stream(...asked) {
      return this.read(await anthropic.messages.stream(this.request(...asked)).finalMessage());
    },
    read(answer) {
      const calls = answer.content.filter((block) => block.type === "tool_use");
      assert.equal(answer.stop_reason, calls.length ? "tool_use" : "end_turn");
      const of = (type, member) =>
        answer.content.filter((b) => b.type === type).map((b) => b[member]).join("");
      return { text: of("text", "text"), thought: of("thinking", "thinking") || undefined,
        calls: calls.map((c) => ({ name: c.name, input: c.input })),
        usage: [answer.usage.input_tokens, answer.usage.output_tokens],
        more: [{ role: "assistant", content: answer.content }, ...(calls.length ? [{ role: "user",
          content: calls.map((c) => ({ type: "tool_result", tool_use_id: c.id, content: "rain" })) }]
          : [])] };
    },
    begin: (model, signal) => anthropic.messages.create({ model, max_tokens: 100, stream: true,
      messages: [{ role: "user", content: "x" }] }, { signal }),
  },
  gemini: {
    kinds: null, abort: null,
    start: (text) => [{ role: "user", parts: [{ text }] }],
    image: (text) => [{ role: "user", parts: [{ text },
      { inlineData: { mimeType: "image/png", data: pixel } }] }],
    request: (model, contents, { tools, think, schema }) => ({ model, contents, config: {
      ...(tools && { tools: [{ functionDeclarations: [
        { name: "weather", parametersJsonSchema: weather }] }] }),
      ...(think && { thinkingConfig: { includeThoughts: true, thinkingBudget: 2000 } }),
      ...(schema && { responseMimeType: "application/json", responseJsonSchema: weather }) } }),
    async ask(...asked) {
      const answer = await google.models.generateContent(this.request(...asked));
      return this.read(answer.candidates[0].content.parts, answer);
    },
    async stream(...asked) {
      const parts = [];
      let last;
      for await (const chunk of await google.models.generateContentStream(this.request(...asked))) {
        parts.push(...(chunk.candidates?.[0]?.content?.parts ?? []));
        last = chunk;
      }
      return this.read(parts, last);
    },
    read(parts, answer) {
      assert.equal(answer.candidates[0].finishReason, "STOP");
      const calls = parts.filter((part) => part.functionCall).map((part) => part.functionCall);
      const texts = (thought) =>
        parts.filter((p) => p.text && !!p.thought === thought).map((p) => p.text).join("");
      return { text: texts(false), thought: texts(true) || undefined,
        calls: calls.map((c) => ({ name: c.name, input: c.args })),
        usage: [answer.usageMetadata.promptTokenCount,
          (answer.usageMetadata.candidatesTokenCount ?? 0)
            + (answer.usageMetadata.thoughtsTokenCount ?? 0)],
        more: [{ role: "model", parts }, ...(calls.length ? [{ role: "user",
          parts: calls.map((c) => ({ functionResponse: {
            id: c.id, name: c.name, response: { output: "rain" } } })) }] : [])] };
    },
    begin: (model, signal) => google.models.generateContentStream(
      { model, contents: "x", config: { abortSignal: signal } }),
  },
  // Knows no place for another vendor's seals, so reasoning is told but does not come back sealed.
  ollama: {
    kinds: null, abort: null, seals: { chat: 3, responses: 0, messages: 0, gemini: 0, converse: 0 },
    start: (text) => [{ role: "user", content: text }],
    image: (text) => [{ role: "user", content: text, images: [pixel] }],
    request: (model, messages, { tools, think, schema }) => ({ model, messages,
      ...(tools && { tools: [{ type: "function",
        function: { name: "weather", description: "", parameters: weather } }] }),
      ...(think && { think: "high" }), ...(schema && { format: weather }) }),
    async ask(...asked) {
      return this.read(await ollama().chat({ ...this.request(...asked), stream: false }));
    },
    async stream(...asked) {
      const whole = { role: "assistant", content: "", thinking: "", tool_calls: [] };
      let last;
      for await (const part of await ollama().chat({ ...this.request(...asked), stream: true })) {
        whole.content += part.message.content ?? "";
        whole.thinking += part.message.thinking ?? "";
        whole.tool_calls.push(...(part.message.tool_calls ?? []));
        last = part;
      }
      assert.equal(last.done, true);
      return this.read({ ...last, message: whole });
    },
    read({ message, done_reason: stop, prompt_eval_count: input, eval_count: output }) {
      const calls = message.tool_calls ?? [];
      assert.equal(stop, "stop");
      return { text: message.content, thought: message.thinking || undefined,
        calls: calls.map((c) => ({ name: c.function.name, input: c.function.arguments })),
        usage: [input, output],
        more: [message, ...calls.map((c) => (
          { role: "tool", tool_name: c.function.name, content: "rain" }))] };
    },
    async begin(model, signal) {
      const client = ollama();
      signal.addEventListener("abort", () => client.abort());
      return client.chat({ model, messages: [{ role: "user", content: "x" }], stream: true });
    },
  },
};

// Cohere seals no reasoning, and is not told what it thought.
const keeps = (sdk, upstream) => (upstream === "cohere" ? 0 : sdk.seals?.[upstream] ?? 3);

for (const [client, sdk] of Object.entries(clients)) {
  for (const upstream of Object.keys(upstreams)) {
    const pair = `${client} over ${upstream}`;
    const model = (does = "") => `${upstream}-pair${does ? `-${does}` : ""}`;
    for (const way of ["ask", "stream"]) {
      test(`${pair}: ${way}, text and usage`, async () => {
        let answer;
        const [hit] = await hitsOf(async () => {
          answer = await sdk[way](model(), sdk.start("one two three"), {});
        });
        assert.equal(answer.text, "echo: one two three");
        assert.deepEqual(answer.calls, []);
        assert.deepEqual(answer.usage, [3, 4]);
        assert.match(hit.target, upstreams[upstream]);
      });

      test(`${pair}: ${way}, three tool calls in a row, reasoning kept`, async () => {
        const turns = sdk.start("weather?");
        const options = { tools: true, think: true };
        for (let round = 1; round <= 3; ++round) {
          const answer = await sdk[way](model("loop"), turns, options);
          assert.deepEqual(answer.calls, [{ name: "weather", input: city }], `round ${round}`);
          assert.equal(answer.thought, `thinking about step ${round}`);
          turns.push(...answer.more);
        }
        const last = await sdk[way](model("loop"), turns, options);
        assert.deepEqual(last.calls, []);
        assert.equal(last.text, `3 results, ${keeps(sdk, upstream)} seals`);
      });

      test(`${pair}: ${way}, structured output`, async () => {
        const answer = await sdk[way](model(), sdk.start("x"), { schema: true });
        assert.deepEqual(JSON.parse(answer.text), { city: "pong", n: 1.5 });
      });
    }

    test(`${pair}: an image arrives`, async () => {
      const answer = await sdk.ask(model(), sdk.image("what is this?"), {});
      assert.equal(answer.text, "1 images");
    });

    test(`${pair}: leaving a stream ends it at the provider`, async () => {
      await leavesUpstream(async () => {
        const leave = new AbortController();
        try {
          for await (const event of await sdk.begin(model("slow"), leave.signal)) {
            assert.ok(event);
            leave.abort();
          }
        } catch (error) {
          assert.ok(leave.signal.aborted, String(error));
        }
      });
    });

    test(`${pair}: errors are the SDK's own`, async () => {
      const busy = await rejects(sdk.ask(model("busy"), sdk.start("x"), {}), Error);
      assert.equal(busy.status ?? busy.status_code, 429);
      if (sdk.kinds) assert.ok(busy instanceof sdk.kinds.RateLimitError, busy.constructor.name);
      await rejects(sdk.ask(model("down"), sdk.start("x"), {}), Error);
      await assert.rejects(sdk.stream(model("broken"), sdk.start("x"), {}));
    });
  }
}
