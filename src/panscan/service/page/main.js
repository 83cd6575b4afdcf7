// The page of jobs: signs in, shows what is there, and follows the events of the account.

import { hear, picture, post, read, Refusal, remove, token } from "./api.js";
import { card, hasEnded, showPercent } from "./job.js";

const AT_WORK = ["ingesting", "analysing", "planned", "rendering", "verifying", "delivering"];
const FILTERS = [
  ["All", []],
  ["Waiting", ["held", "queued"]],
  ["At work", AT_WORK],
  ["Done", ["completed", "completed_with_flags"]],
  ["Have a look", ["completed_with_flags", "verification_failed"]],
  ["Failed", ["failed", "verification_failed"]],
];
const PAGE_JOBS = 25; // of one request: a screen or two
const USAGE_MS = 30000; // minutes are counted as jobs begin: no need to look more often

const by = (id) => document.getElementById(id);
const jobs = new Map();
const images = new Map();
let [, states] = FILTERS[0];
let cursor = null;
let hearing = new AbortController();

function tell(error) {
  by("message").textContent = error?.message ?? "";
  by("message").hidden = !error;
  if (error instanceof Refusal && error.status === 401) signOut();
}

async function attempt(action) {
  try {
    tell(null);
    await action();
  } catch (error) {
    tell(error);
  }
}

const act = {
  cancel: (job) => attempt(async () => show(await post(`/v1/jobs/${job.id}/cancel`))),
  retry: (job) => attempt(async () => show(await post(`/v1/jobs/${job.id}/retry`))),
  open: (job, file) => attempt(async () => location.assign((await post(`/v1/jobs/${job.id}/links`, { file })).url)),
  remove: (job) =>
    attempt(async () => {
      await remove(`/v1/jobs/${job.id}`);
      jobs.delete(job.id);
      draw();
    }),
};

async function findImage(job) {
  if (images.has(job.id) || !job.links.thumbnail) return;
  images.set(job.id, undefined);
  try {
    images.set(job.id, await picture(job.links.thumbnail));
    drawOne(job.id);
  } catch {
    images.delete(job.id); // not made yet: it is asked for again at the next event
  }
}

const isShown = (job) => !states.length || states.includes(job.state);
const place = (id) => document.querySelector(`#jobs > [data-id="${id}"]`);

function drawOne(id) {
  const job = jobs.get(id);
  if (!job || !isShown(job)) return place(id)?.remove();
  if (!place(id)) return draw();
  place(id).replaceWith(card(job, images.get(id), act));
}

function draw() {
  const shown = [...jobs.values()].filter(isShown).sort((a, b) => b.sequence - a.sequence);
  by("jobs").replaceChildren(...shown.map((job) => card(job, images.get(job.id), act)));
  by("nothing").hidden = shown.length > 0;
  by("more").hidden = cursor === null;
}

function show(job) {
  jobs.set(job.id, job);
  findImage(job);
  drawOne(job.id);
}

async function loadPage() {
  const query = new URLSearchParams({ limit: PAGE_JOBS });
  for (const state of states) query.append("state", state);
  if (cursor) query.set("cursor", cursor);
  const page = await read(`/v1/jobs?${query}`);
  cursor = page.next;
  for (const job of page.jobs) jobs.set(job.id, job);
  draw();
  page.jobs.forEach(findImage);
}

async function loadUsage() {
  const usage = await read("/v1/usage");
  const used = (usage.used_s / 60).toFixed(1);
  const waiting = `${usage.waiting_jobs} waiting, ${usage.running_jobs} at work`;
  by("account").textContent = `${usage.account} · ${waiting}`;
  by("usage-words").textContent = usage.limit_s === null ? `${used} minutes this month` : `${used} of ${usage.limit_s / 60} minutes this month`;
  by("usage-bar").value = usage.limit_s ? usage.used_s / usage.limit_s : 0;
  by("usage").hidden = false;
}

function makeFilters() {
  const buttons = FILTERS.map(([words, wanted]) => {
    const button = document.createElement("button");
    button.textContent = words;
    button.setAttribute("aria-pressed", String(wanted === states));
    button.addEventListener("click", () => {
      states = wanted;
      cursor = null;
      jobs.clear();
      makeFilters();
      attempt(loadPage);
    });
    return button;
  });
  by("filters").replaceChildren(...buttons);
}

// Events tell of one job each; its whole record is asked for, at most once at a time.
const asked = new Set();
async function onEvent(event) {
  const known = jobs.get(event.job);
  if (known && event.percent !== undefined && event.state === known.state) {
    known.percent = event.percent;
    if (place(known.id)) showPercent(place(known.id), event.percent);
    return;
  }
  if (asked.has(event.job)) return;
  asked.add(event.job);
  try {
    show(await read(`/v1/jobs/${event.job}`));
    if (hasEnded(jobs.get(event.job))) await loadUsage();
  } catch (error) {
    if (error.status !== 404) throw error;
    jobs.delete(event.job);
    drawOne(event.job);
  } finally {
    asked.delete(event.job);
  }
}

async function signIn() {
  await loadUsage();
  by("sign-in").hidden = true;
  by("board").hidden = by("sign-out").hidden = false;
  makeFilters();
  hearing = new AbortController();
  hear("/v1/events", (event) => attempt(() => onEvent(event)), hearing.signal).catch(tell);
  await loadPage();
}

function signOut() {
  token.forget();
  hearing.abort();
  jobs.clear();
  by("jobs").replaceChildren();
  by("account").textContent = "";
  by("board").hidden = by("usage").hidden = by("sign-out").hidden = true;
  by("sign-in").hidden = false;
  by("token").focus();
}

by("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  token.set(by("token").value.trim());
  by("token").value = "";
  attempt(signIn);
});
by("sign-out").addEventListener("click", signOut);
by("more").addEventListener("click", () => attempt(loadPage));
setInterval(() => by("board").hidden || loadUsage().catch(() => {}), USAGE_MS);
if (token.get()) attempt(signIn);
else signOut();
