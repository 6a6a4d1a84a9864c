// SPDX-License-Identifier: GPL-3.0-or-later
// What the SDK tests share: where Tollgate is, and what arrived at the provider behind it.
import assert from "node:assert/strict";

export const gateway = process.env.GATEWAY;
export const token = process.env.TOKEN;
export const poorToken = process.env.POOR_TOKEN;
export const keys = JSON.parse(process.env.KEYS);
const control = process.env.CONTROL;

export async function report(since = 0) {
  const answer = await fetch(`${control}/hits?body=1&since=${since}`);
  return answer.json();
}

// The hits that `act` caused at the provider.
export async function hitsOf(act) {
  const before = (await report()).count;
  await act();
  return (await report(before)).hits;
}

export async function until(what, holds, milliseconds = 60_000) {
  const end = Date.now() + milliseconds;
  for (;;) {
    const value = await holds();
    if (value) return value;
    assert.ok(Date.now() < end, `${what}: did not happen within ${milliseconds} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// `act` starts a long stream and leaves it; the provider must see that at once.
export async function leavesUpstream(act) {
  const before = (await report()).count;
  const left = await act();
  const hit = await until("the provider sees the client leave", async () => {
    const hits = (await report(before)).hits;
    return hits.length === 1 && hits[0].outcome === "client left" && hits[0];
  });
  assert.ok(hit.events_sent < 300, `the provider went on to event ${hit.events_sent}`);
  return left;
}

export function header(hit, name) {
  const found = hit.headers.filter(([key]) => key.toLowerCase() === name);
  assert.ok(found.length <= 1, `${name} arrived ${found.length} times`);
  return found[0]?.[1];
}

export async function rejects(promise, kind, status) {
  let thrown;
  try {
    await promise;
  } catch (error) {
    thrown = error;
  }
  assert.ok(thrown, "nothing was thrown");
  assert.ok(thrown instanceof kind, `${thrown.constructor.name}: ${thrown.message}`);
  if (status !== undefined) assert.equal(thrown.status ?? thrown.statusCode, status);
  return thrown;
}

export const weather = {
  type: "object",
  properties: { city: { type: "string" }, n: { type: "number" } },
  required: ["city"],
};
