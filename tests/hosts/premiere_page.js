"use strict";
// Opens a page in a browser, waits until its title is "finished" and prints it: {puppeteer, browser, page, picture}.

const asked = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const puppeteer = require(asked.puppeteer);

async function main() {
  const args = ["--no-sandbox", "--disable-gpu", "--no-zygote", "--single-process", "--disable-dev-shm-usage"];
  const browser = await puppeteer.launch({ executablePath: asked.browser, args, headless: "shell", timeout: 60000 });
  const page = await browser.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith("file:")) faults.push("asked for " + request.url());
  });
  await page.setViewport({ width: 340, height: 370 });
  await page.goto(asked.page);
  await page.waitForFunction(() => document.title === "finished", { timeout: 30000 });
  if (asked.picture) await page.screenshot({ path: asked.picture });
  process.stdout.write(JSON.stringify({ shown: await page.evaluate(() => document.body.innerHTML), faults }));
  await browser.close();
}

main();
