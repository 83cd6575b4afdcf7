// One job as a card. All text goes in as text, never as HTML.

const WORDS = {
  held: ["idle", "Waits for minutes"],
  queued: ["idle", "Waits"],
  ingesting: ["work", "Fetches the movie"],
  analysing: ["work", "Looks at the movie"],
  planned: ["work", "Planned"],
  rendering: ["work", "Renders"],
  verifying: ["work", "Checks the result"],
  delivering: ["work", "Delivers"],
  completed: ["pass", "Done"],
  completed_with_flags: ["flag", "Done, have a look"],
  verification_failed: ["fail", "Not delivered: the check failed"],
  failed: ["fail", "Failed"],
  cancelled: ["idle", "Cancelled"],
};
const ENDED = ["completed", "completed_with_flags", "verification_failed", "failed", "cancelled"];
export const hasEnded = (job) => ENDED.includes(job.state);

/** An element with attributes and children; a function is a listener, a string is text. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

const time = (text) => new Date(text).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });

function length(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function facts(job) {
  const told = [job.spec.ratios.join(", "), time(job.created_at)];
  if (job.source_s) told.unshift(length(job.source_s));
  if (job.attempt > 1) told.push(`attempt ${job.attempt}`);
  return told.join(" · ");
}

function notes(job) {
  const lines = [];
  for (const [ratio, flags] of Object.entries(job.flags))
    for (const [metric, what] of Object.entries(flags))
      lines.push(element("li", { class: "flag" }, `${ratio}: ${what || metric}`));
  for (const warning of job.warnings) lines.push(element("li", {}, warning.details || warning.message));
  return lines.length ? element("ul", {}, ...lines) : null;
}

function files(job, act) {
  const kept = job.outputs.filter((output) => output.file);
  if (!kept.length) return null;
  const open = (output) => element("button", { click: () => act.open(job, output.file) }, output.file);
  return element("p", { class: "files" }, ...kept.map(open));
}

function actions(job, act) {
  const button = (words, done) => element("button", { class: "quiet", click: done }, words);
  const list = [];
  if (job.links.review) list.push(element("a", { class: "button", href: job.links.review }, "Review"));
  if (!hasEnded(job)) list.push(button("Cancel", () => act.cancel(job)));
  if (["failed", "cancelled", "verification_failed"].includes(job.state)) list.push(button("Try again", () => act.retry(job)));
  if (hasEnded(job)) list.push(button("Remove", () => act.remove(job)));
  return element("div", { class: "actions" }, ...list);
}

function error(job) {
  if (!job.error) return null;
  return element("p", {}, element("b", {}, job.error.what), ` ${job.error.why} ${job.error.fix}`);
}

/** The card of a job. `image`: an address, or undefined where there is none yet. `act`: what its buttons do. */
export function card(job, image, act) {
  const [kind, words] = WORDS[job.state] ?? ["idle", job.state];
  const wash = kind === "fail" || kind === "flag" ? ` ${kind}` : "";
  const busy = !hasEnded(job) && !["held", "queued"].includes(job.state);
  return element(
    "article",
    { class: `card job${wash}`, "data-id": job.id, "data-state": job.state },
    image ? element("img", { class: "picture", src: image, alt: "" }) : element("div", { class: "picture" }),
    element(
      "div",
      { class: "body" },
      element("h2", {}, job.name),
      element("p", {}, element("span", { class: `chip ${kind}` }, words), element("span", { class: "soft numbers" }, facts(job))),
      busy ? element("progress", { max: 100, value: job.percent, "aria-label": "Progress" }) : null,
      busy ? element("p", { class: "soft numbers percent" }, `${job.percent} %`) : null,
      error(job),
      notes(job),
      files(job, act),
    ),
    actions(job, act),
  );
}

/** Show how far a job is in its card; whatever has the focus, or is being pressed, stays. */
export function showPercent(node, percent) {
  node.querySelector("progress").value = percent;
  node.querySelector(".percent").textContent = `${percent} %`;
}
