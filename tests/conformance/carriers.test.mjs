// SPDX-License-Identifier: GPL-3.0-or-later
// Every way in which a client may carry its token, on every dialect, decides the same.
import assert from "node:assert/strict";
import test from "node:test";

import { gateway, hitsOf, token } from "./common.mjs";

const chat = { model: "gpt-test", messages: [{ role: "user", content: "x" }] };
const dialects = [
  ["/v1/chat/completions", chat],
  ["/v1/completions", { model: "gpt-test", prompt: "x" }],
  ["/v1/embeddings", { model: "embed-test", input: "x" }],
  ["/v1/responses", { model: "gpt-test", input: "x" }],
  ["/v1/messages", { ...chat, model: "claude-test", max_tokens: 9 }],
  ["/v1/messages/count_tokens", { ...chat, model: "claude-test" }],
  ["/v1beta/models/gemini-test:generateContent", { contents: [{ parts: [{ text: "x" }] }] }],
];
const carriers = [
  ["Authorization", (value) => `Bearer ${value}`],
  ["x-api-key", (value) => value],
  ["x-goog-api-key", (value) => value],
  ["api-key", (value) => value],
];

async function ask(path, body, headers) {
  const answer = await fetch(gateway + path, { method: "POST", body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", ...headers } });
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
}

for (const [path, body] of dialects) {
  test(`${path}: any carrier serves, and refuses`, async () => {
    for (const [name, spell] of carriers) {
      assert.equal((await ask(path, body, { [name]: spell(token) })).status, 200, name);
      for (const bad of ["tg-nonsense", `${token}x`, token.slice(0, -1), "sk-other"]) {
        const hits = await hitsOf(async () => {
          assert.equal((await ask(path, body, { [name]: spell(bad) })).status, 401, `${name} ${bad.length}`);
        });
        assert.deepEqual(hits, []);
      }
    }
    assert.equal((await ask(path, body, {})).status, 401);
  });

  test(`${path}: two different credentials are a 400, the same one twice is fine`, async () => {
    const both = { Authorization: `Bearer ${token}`, "x-api-key": "sk-other" };
    assert.equal((await ask(path, body, both)).status, 400);
    assert.equal((await ask(path, body, { ...both, "x-api-key": token })).status, 200);
  });
}

test("?key= is for Gemini's routes only, and does not travel on", async () => {
  const [gemini, asked] = dialects.at(-1);
  let answer;
  const [hit] = await hitsOf(async () => {
    answer = await ask(`${gemini}?key=${token}`, asked, {});
  });
  assert.equal(answer.status, 200);
  assert.ok(!hit.target.includes("key="));
  assert.equal((await ask(`/v1/chat/completions?key=${token}`, chat, {})).status, 401);
});

test("Gemini's stream without alt=sse is one JSON array", async () => {
  const answer = await ask("/v1beta/models/gemini-test:streamGenerateContent", dialects.at(-1)[1],
    { "x-goog-api-key": token });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type"), /json/);
  const chunks = JSON.parse(answer.text);
  assert.equal(chunks.map((one) => one.candidates[0].content.parts[0].text).join(""), "echo: x");
});

test("a WebSocket upgrade on /v1/responses is refused at once with 426", async () => {
  const { request } = await import("node:http");
  const status = await new Promise((resolve, reject) => {
    const asked = request(`${gateway}/v1/responses`, { headers: { Authorization: `Bearer ${token}`,
      Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==" } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.on("error", reject);
    asked.end();
  });
  assert.equal(status, 426);
});
