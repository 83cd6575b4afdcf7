// @ts-check

/**
 * The server's routes.
 * @typedef {import("./types").Entry} Entry
 * @typedef {import("./types").Draft} Draft
 * @typedef {import("./types").Movie} Movie
 * @typedef {import("./types").MovieRow} MovieRow
 * @typedef {import("./types").Progress} Progress
 * @typedef {import("./types").Shape} Shape
 * @typedef {import("./types").Shot} Shot
 * @typedef {import("./types").Subject} Subject
 * @typedef {import("./types").Turn} Turn
 */

import { inWords } from "./words.js";

/** An answer that is no good one; `body` is what came with it. */
export class Refusal extends Error {
  /** @param {number} status @param {any} body */
  constructor(status, body) {
    super(inWords({ what: "the server answered " + status, why: "", fix: "", ...body }));
    this.status = status;
    this.body = body;
  }
}

/** @param {string} path @param {{method?: string, body?: unknown, etag?: string, keepalive?: boolean}} [options]
 * @returns {Promise<any>} */
async function call(path, { method = "GET", body, etag, keepalive = false } = {}) {
  /** @type {Record<string, string>} */
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (etag !== undefined) headers["If-Match"] = etag;
  let answer;
  try {
    const text = body === undefined ? undefined : JSON.stringify(body);
    answer = await fetch(path, { method, headers, body: text, keepalive });
  } catch {
    throw new Refusal(0, { what: "no answer from panscan", why: "it was stopped", fix: "Run `panscan review` again." });
  }
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(answer.status, told);
  return told;
}

/** @param {string} ratio */
const slug = (ratio) => ratio.replace(":", "x");
/** @param {string} id */
const at = (id) => "/api/movies/" + encodeURIComponent(id);
/** @param {string} path @param {unknown} body */
const post = (path, body) => call(path, { method: "POST", body });

/** @returns {Promise<MovieRow[]>} */
export const movies = () => call("/api/movies");
/** @param {string} id @returns {Promise<Movie>} */
export const movie = (id) => call(at(id));
/** @param {string} id @param {string} ratio @returns {Promise<Shape>} */
export const shape = (id, ratio) => call(at(id) + "/shapes/" + slug(ratio));
/** @param {string} id @param {number} first @param {number} last @returns {Promise<Subject[]>} */
export const subjects = (id, first, last) => call(at(id) + "/subjects?first=" + first + "&last=" + last);
/** @param {string} id @returns {Promise<Turn[]>} */
export const speakers = (id) => call(at(id) + "/speakers");
/** @param {string} id @param {{ratio: string, frames: number[], corrections: Entry[]}} wish
 * @returns {Promise<{shots: Shot[], told: string[]}>} */
export const plan = (id, wish) => post(at(id) + "/plan", wish);
/** @param {string} id @returns {Promise<Draft>} */
export const draft = (id) => call(at(id) + "/draft");
/** @param {string} id @param {Entry[]} corrections @param {string} etag @param {boolean} [leaving] the page is closed
 * @returns {Promise<Draft>} */
export const putDraft = (id, corrections, etag, leaving = false) =>
  call(at(id) + "/draft", { method: "PUT", body: { corrections }, etag, keepalive: leaving });
/** @param {string} id @param {string} etag @param {boolean} over also where the file was changed meanwhile
 * @returns {Promise<Draft>} */
export const save = (id, etag, over) => post(at(id) + "/save", { etag, over });
/** @param {string} id @param {{ratios: string[], deliveries: string[], render: boolean}} wish
 * @returns {Promise<{job: string}>} */
export const deliver = (id, wish) => post(at(id) + "/deliver", wish);
/** @param {string} job */
export const cancel = (job) => post("/api/jobs/" + job + "/cancel", {});
/** @param {string} id */
export const openFolder = (id) => post("/api/open-folder", { movie: id });

/** Follow a job until it is over. @param {string} job @param {(progress: Progress) => void} onProgress */
export function follow(job, onProgress) {
  const source = new EventSource("/api/jobs/" + job + "/events");
  source.onmessage = (event) => {
    const progress = JSON.parse(event.data);
    onProgress(progress);
    if (["done", "failed", "cancelled"].includes(progress.state)) source.close();
  };
}

/** @param {string} id @param {number} frame */
export const thumbnail = (id, frame) => "/thumbs/" + encodeURIComponent(id) + "/" + frame + ".jpg";
