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

/** Which buttons make sense now. */
function refresh() {
  button("apply").disabled = button("update").disabled = busy || plan === null;
  button("open").disabled = button("make").disabled = busy;
  button("cancel").disabled = !busy;
  const text = plan && plan.name + ": " + plan.clips.length + " clips, " + plan.canvas_px.join(" x ");
  part("plan").textContent = text || "No plan yet.";
}

/**
 * Run one thing; whatever goes wrong is said in the panel.
 * @param {() => Promise<void>} task
 */
async function run(task) {
  if (busy) return;
  busy = true;
  cancelled = false;
  refresh();
  try {
    await task();
  } catch (error) {
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
  say("Read " + file.name + ".");
}

/** Export the active sequence, send it to the local service and wait for the plan. */
async function make() {
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
  const made = await makePlan(
    field("token").value.trim(),
    wish,
    (job) => {
      progress(job.done, job.total);
      say(job.stage || "Waiting.");
    },
    () => cancelled,
  );
  if (made === null) return say("Stopped. What was finished is kept: make the plan again to go on.");
  plan = readPlan(made);
  progress(1, 1);
  say("The plan is ready.");
}

/** Ask the local service which presets there are. */
async function connect() {
  const { presets } = await choices(field("token").value.trim());
  const list = part("preset");
  const chosen = field("preset").value;
  list.textContent = "";
  for (const name of presets) {
    const option = document.createElement("option");
    option.value = option.textContent = name;
    list.appendChild(option);
  }
  field("preset").value = presets.includes(chosen) ? chosen : presets[0];
  say("Connected.");
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
      say(name ? done + 1 + " of " + total + ": " + name : "");
    },
  });
  show(report);
}

/** @param {Report} report */
function show(report) {
  for (const clip of report.clips) {
    const row = document.createElement("div");
    row.className = "clip " + clip.status;
    const keys = clip.keys > 0 ? " (" + clip.keys + " keys)" : "";
    row.textContent = [MARKS[clip.status] + " " + clip.name + keys, ...clip.notes].join(" · ");
    part("report").appendChild(row);
  }
  const done = report.clips.filter((clip) => clip.status === "done").length;
  const text = report.sequence + ": " + done + " of " + report.clips.length + " clips";
  say(report.cancelled ? text + ", then stopped. Update goes on." : text + ".", done < report.clips.length);
}

button("open").addEventListener("click", () => run(open));
button("connect").addEventListener("click", () => run(connect));
button("make").addEventListener("click", () => run(make));
button("apply").addEventListener("click", () => run(() => apply("copy")));
button("update").addEventListener("click", () => run(() => apply("update")));
button("cancel").addEventListener("click", () => {
  cancelled = true;
  say("Stopping after this clip.");
});
refresh();
