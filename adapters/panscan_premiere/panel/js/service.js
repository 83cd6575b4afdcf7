// @ts-check
"use strict";

/**
 * A local `panscan serve`: presets, and jobs that make a plan.
 * @typedef {import("../../types").Job} Job
 */

const ADDRESS = "http://127.0.0.1:8765"; // the one that the manifest allows
const POLL_MS = 700;

/** @param {{what: string, why: string, fix: string}} error as the service tells it */
function inWords({ what, why, fix }) {
  return [what.charAt(0).toUpperCase() + what.slice(1) + ".", why, fix].filter(Boolean).join(" ");
}

/**
 * @param {string} token
 * @param {string} path
 * @param {{method?: string, body?: unknown}} [options]
 * @returns {Promise<Response>}
 */
async function call(token, path, { method = "GET", body } = {}) {
  /** @type {Record<string, string>} */
  const headers = { Authorization: "Bearer " + token };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    const text = body === undefined ? undefined : JSON.stringify(body);
    answer = await fetch(ADDRESS + path, { method, headers, body: text });
  } catch {
    throw new Error("No answer at " + ADDRESS + ". Run: panscan serve");
  }
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({}));
  throw new Error(inWords({ what: "the service answered " + answer.status, why: "", fix: "", ...said }));
}

/**
 * @param {string} token
 * @returns {Promise<{presets: string[]}>}
 */
async function choices(token) {
  return (await call(token, "/v1/choices")).json();
}

/**
 * Have a plan made of a timeline; polls, because UXP has no EventSource.
 * @param {string} token
 * @param {{timeline: {name: string, text: string}, ratio: string, preset: string}} wish
 * @param {(job: Job) => void} onProgress
 * @param {() => boolean} isCancelled
 * @returns {Promise<string | null>} the plan's text; null if it was cancelled
 */
async function makePlan(token, wish, onProgress, isCancelled) {
  /** @type {Job} */
  let job = await (await call(token, "/v1/jobs", { method: "POST", body: wish })).json();
  while (job.state === "queued" || job.state === "running") {
    if (isCancelled()) {
      await call(token, "/v1/jobs/" + job.id, { method: "DELETE" });
      return null;
    }
    onProgress(job);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    job = await (await call(token, "/v1/jobs/" + job.id)).json();
  }
  if (job.state === "cancelled") return null;
  if (job.error) throw new Error(inWords(job.error));
  return (await call(token, "/v1/jobs/" + job.id + "/plan")).text();
}

module.exports = { ADDRESS, choices, makePlan };
