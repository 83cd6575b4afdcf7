// @ts-check
"use strict";

/**
 * The panel's page: reads the controls, runs one thing at a time, shows progress and a line per clip.
 * @typedef {import("../types").Plan} Plan
 * @typedef {import("../types").Report} Report
 */

const ppro = require("premierepro");
const { storage } = require("uxp");
const { applyPlan } = require("./js/apply.js");
const { readPlan } = require("./js/plan.js");
const { choices, makePlan } = require("./js/service.js");
const { followTheme } = require("./js/theme.js");

const TICKS_PER_SECOND = 254016000000;
const MARKS = { done: "✓", missing: "–", failed: "!", left: "–" };

/** @type {Plan | null} */
let plan = null;
let busy = false;
let cancelled = false;

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @returns {T}
 */
function part(id) {
  return /** @type {T} */ (document.getElementById(id));
}

/** @param {string} id */
const field = (id) => /** @type {HTMLInputElement} */ (part(id));
/** @param {string} id */
const button = (id) => /** @type {HTMLButtonElement} */ (part(id));

/** @param {string} text */
function say(text, isError = false) {
  const line = part("status");
  line.textContent = text;
  line.className = isError ? "error" : "";
}

/**
 * @param {number} done
 * @param {number} total
 */
function progress(done, total) {
  part("bar").style.width = (total > 0 ? (100 * done) / total : 0) + "%";
}

/** @param {string} text */
const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);
/** @param {number} clips */
const counted = (clips) => (clips === 1 ? "1 clip" : clips + " clips");

/** @returns {string} the token, which every request carries */
function token() {
  const given = field("token").value.trim();
  if (!given) throw new Error("Paste the token first: run panscan serve in a terminal, it prints one.");
  return given;
}

/** Which buttons make sense now, and what plan there is. */
function refresh() {
  button("apply").disabled = button("update").disabled = busy || plan === null;
  button("open").disabled = button("connect").disabled = button("make").disabled = busy;
  button("cancel").disabled = !busy;
  part("plan").className = plan === null ? "empty" : "";
  part("plan").textContent =
    plan === null ? "No plan yet." : plan.name + ": " + counted(plan.clips.length) + ", " + plan.canvas_px.join(" × ");
}

/**
 * Run one thing; whatever goes wrong is said in the panel.
 * @param {() => Promise<void>} task
 */
async function run(task) {
  if (busy) return;
  busy = true;
  cancelled = false;
  progress(0, 1);
  refresh();
  try {
    await task();
  } catch (error) {
    progress(0, 1);
    say(error instanceof Error ? error.message : String(error), true);
  }
  busy = false;
  refresh();
}

/** Choose a plan file. */
async function open() {
  const file = await storage.localFileSystem.getFileForOpening({ types: ["json"] });
  if (!file) return;
  plan = readPlan(await file.read());
  part("report").textContent = "";
  say("Read " + file.name + ". Apply it to a copy of the open sequence.");
}

/** Export the active sequence, send it to the local service and wait for the plan. */
async function make() {
  const secret = token();
  const project = await ppro.Project.getActiveProject();
  const sequence = project && (await project.getActiveSequence());
  if (!sequence) throw new Error("Open a sequence first.");
  const folder = await storage.localFileSystem.getTemporaryFolder();
  const file = await folder.createFile("panscan.xml", { overwrite: true });
  if (!(await ppro.ProjectConverter.exportAsFinalCutProXML(sequence, file.nativePath, true))) {
    throw new Error("Premiere could not export the sequence. Export it by hand and run panscan reframe.");
  }
  const text = await (await folder.getEntry("panscan.xml")).read();
  const wish = { timeline: { name: "panscan.xml", text }, ratio: field("ratio").value, preset: field("preset").value };
  part("report").textContent = "";
  const made = await makePlan(
    secret,
    wish,
    (job) => {
      progress(job.done, job.total);
      const percent = job.total > 0 ? ", " + Math.floor((100 * job.done) / job.total) + " %" : "";
      say(job.state === "queued" ? "Waiting for another job." : sentence(job.stage) + percent);
    },
    () => cancelled,
  );
  if (made === null) return say("Stopped. What was finished is kept: make the plan again to go on.");
  plan = readPlan(made);
  progress(1, 1);
  say("The plan is ready. Apply it to a copy of the sequence.");
}

/** Ask the local service which presets there are. */
async function connect() {
  const { presets } = await choices(token());
  const list = part("preset");
  const chosen = field("preset").value;
  list.textContent = "";
  for (const name of presets) {
    const option = document.createElement("option");
    option.value = option.textContent = name;
    list.appendChild(option);
  }
  field("preset").value = presets.includes(chosen) ? chosen : presets[0];
  say("Connected. Choose shape and preset, then make the plan.");
}

/** @param {"copy" | "update"} mode */
async function apply(mode) {
  if (plan === null) return;
  part("report").textContent = "";
  const report = await applyPlan(ppro, plan, {
    mode,
    isCancelled: () => cancelled,
    onProgress: (done, total, name) => {
      progress(done, total);
      say(name ? "Clip " + (done + 1) + " of " + total + ": " + name : "");
    },
  });
  show(report);
}

/**
 * @param {string} name of its class
 * @param {...(string | HTMLElement)} content a text, or boxes
 */
function box(name, ...content) {
  const made = document.createElement("div");
  made.className = name;
  for (const one of content) {
    if (typeof one === "string") made.textContent = one;
    else made.appendChild(one);
  }
  return made;
}

/**
 * Where a clip lies in the sequence, as minutes and seconds: several clips may be of one file.
 * @param {string} id
 */
function placeOf(id) {
  const clip = plan && plan.clips.find((one) => one.id === id);
  const seconds = clip ? Math.floor(Number(clip.start_ticks) / TICKS_PER_SECOND) : 0;
  return Math.floor(seconds / 60) + ":" + String(seconds % 60).padStart(2, "0");
}

/** @param {Report} report */
function show(report) {
  for (const clip of report.clips) {
    const camera = clip.status !== "done" ? "" : clip.keys > 0 ? ", " + clip.keys + " keys" : ", still";
    const head = box("head", box("name", clip.name), box("keys", placeOf(clip.id) + camera));
    const body = box("body", head, ...clip.notes.map((note) => box("note", note)));
    part("report").appendChild(box("clip " + clip.status, box("mark", MARKS[clip.status]), body));
  }
  const done = report.clips.filter((clip) => clip.status === "done").length;
  const text = report.sequence + ": " + done + " of " + counted(report.clips.length) + " reframed";
  say(report.cancelled ? text + ", then stopped. Update goes on." : text + ".", done < report.clips.length);
}

button("open").addEventListener("click", () => run(open));
button("connect").addEventListener("click", () => run(connect));
button("make").addEventListener("click", () => run(make));
button("apply").addEventListener("click", () => run(() => apply("copy")));
button("update").addEventListener("click", () => run(() => apply("update")));
button("cancel").addEventListener("click", () => {
  cancelled = true;
  button("cancel").disabled = true;
  say("Stopping.");
});
followTheme();
refresh();
