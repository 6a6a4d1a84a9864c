// SPDX-License-Identifier: GPL-3.0-or-later
// Every way in which a client may carry its token, on every dialect, decides the same.
import assert from "node:assert/strict";
import { request } from "node:http";
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

// Ten wrong log-ins a minute are all that one address has, so each test comes from its own.
let address = 1;

function ask(path, body, headers, from = "127.0.0.1") {
  return new Promise((resolve, reject) => {
    const asked = request(gateway + path, { method: "POST", localAddress: from, agent: false,
      headers: { "Content-Type": "application/json", ...headers } }, async (answer) => {
      let text = "";
      for await (const piece of answer.setEncoding("utf8")) text += piece;
      resolve({ status: answer.statusCode, text, type: answer.headers["content-type"] });
    });
    asked.on("error", reject);
    asked.end(JSON.stringify(body));
  });
}

for (const [path, body] of dialects) {
  test(`${path}: any carrier serves, and refuses`, async () => {
    const from = `127.0.0.${++address}`;
    for (const [name, spell] of carriers) {
      assert.equal((await ask(path, body, { [name]: spell(token) }, from)).status, 200, name);
      for (const bad of ["sk-other", token.slice(0, -1)]) {
        const hits = await hitsOf(async () => {
          assert.equal((await ask(path, body, { [name]: spell(bad) }, from)).status, 401, name);
        });
        assert.deepEqual(hits, []);
      }
    }
    assert.equal((await ask(path, body, {}, from)).status, 401);
  });

  test(`${path}: two different credentials are a 400, the same one twice is fine`, async () => {
    const both = { Authorization: `Bearer ${token}`, "x-api-key": "sk-other" };
    assert.equal((await ask(path, body, both)).status, 400);
    assert.equal((await ask(path, body, { ...both, "x-api-key": token })).status, 200);
  });
}

test("guessing is slowed down, and only for the one who guesses", async () => {
  const guess = (from) => ask("/v1/responses", { model: "gpt-test", input: "x" },
    { Authorization: `Bearer tg-${Math.random()}` }, from);
  const guesser = `127.0.0.${++address}`;
  const seen = [];
  for (let n = 0; n < 14; ++n) seen.push((await guess(guesser)).status);
  assert.equal(seen.filter((status) => status === 401).length + seen.filter((status) => status === 429).length, 14);
  assert.equal(seen[9], 401);
  assert.equal(seen[13], 429);
  assert.equal((await guess(`127.0.0.${++address}`)).status, 401);
});

test("?key= is for Gemini's routes only, and does not travel on", async () => {
  const [gemini, asked] = dialects.at(-1);
  let answer;
  const [hit] = await hitsOf(async () => {
    answer = await ask(`${gemini}?key=${token}`, asked, {});
  });
  assert.equal(answer.status, 200);
  assert.ok(!hit.target.includes("key="));
  assert.equal((await ask(`/v1/chat/completions?key=${token}`, chat, {}, `127.0.0.${++address}`)).status, 401);
});

test("Gemini's stream without alt=sse is one JSON array", async () => {
  const answer = await ask("/v1beta/models/gemini-test:streamGenerateContent", dialects.at(-1)[1],
    { "x-goog-api-key": token });
  assert.equal(answer.status, 200);
  assert.match(answer.type, /json/);
  const chunks = JSON.parse(answer.text);
  assert.equal(chunks.map((one) => one.candidates[0].content.parts[0].text).join(""), "echo: x");
});

test("a WebSocket upgrade on /v1/responses is refused at once with 426", async () => {
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
