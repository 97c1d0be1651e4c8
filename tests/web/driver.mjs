// driver.mjs MODULES EXECUTABLE - a browser that is told what to do line by line, by test_page.py. A line is
// {"tab": N, "call": METHOD, "args": [...]}: a method of playwright's Page, on the tab of that number (opened when it is named
// first), or of this file's own; the answer is {"value": ...} or {"error": "..."}.
import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [, , modules, executablePath] = process.argv;
const { chromium } = await import(pathToFileURL(modules + "/playwright-core/index.mjs").href);
const axe = readFileSync(modules + "/axe-core/axe.min.js", "utf8");
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"] });
let context = null, patience = 0;
const tabs = new Map();
const complaints = []; // of the pages: errors, and what the content security policy stopped

const asks = []; // what was asked of the gateway, and whether by nobody

async function tab(number) {
  if (!tabs.has(number)) {
    const page = await context.newPage();
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => { if (/Content Security Policy/.test(message.text())) complaints.push(message.text()); });
    page.on("request", (request) => {
      const { pathname } = new URL(request.url());
      if (pathname.startsWith("/v1/")) asks.push(pathname + ("clearway-unattended" in request.headers() ? " unattended" : ""));
    });
    tabs.set(number, page);
  }
  return tabs.get(number);
}

const own = {
  async browse(options) {
    await context?.close();
    tabs.clear();
    context = await browser.newContext({ locale: "zh-CN", timezoneId: "Asia/Shanghai", ...options });
    context.setDefaultTimeout(patience = options.patience);
  },
  /* A browser that has no such thing as SharedWorker. */
  async without(name) {
    await context.addInitScript(`delete window.${name}`);
  },
  /* A browser of the oldest core that the page is made for: it has nothing of what came behind Chromium 87. */
  async old() {
    await context.addInitScript(() => {
      const later = {
        Array: ["fromAsync"], "Array.prototype": ["at", "findLast", "findLastIndex", "toReversed", "toSorted", "toSpliced", "with"],
        "String.prototype": ["at", "isWellFormed", "toWellFormed"], Object: ["hasOwn", "groupBy"], Map: ["groupBy"], Promise: ["withResolvers", "try"],
        "URLSearchParams.prototype": ["size"], URL: ["canParse", "parse"], "Set.prototype": ["union", "intersection", "difference", "isSubsetOf"],
        "AbortSignal.prototype": ["reason", "throwIfAborted"], AbortSignal: ["timeout", "any", "abort"], Response: ["json"],
        "Element.prototype": ["checkVisibility", "setHTML"], "HTMLElement.prototype": ["showPopover", "inert"], "Crypto.prototype": ["randomUUID"],
        Intl: ["DurationFormat", "Segmenter", "supportedValuesOf"],
      };
      for (const [place, names] of Object.entries(later)) {
        const object = place.split(".").reduce((at, name) => at?.[name], globalThis);
        names.forEach((name) => object && delete object[name]);
      }
      ["structuredClone", "reportError", "navigation", "scheduler", "Iterator", "Temporal"].forEach((name) => delete globalThis[name]);
    });
  },
  async complaints() {
    return complaints;
  },
  /* The accessibility faults that weigh: those axe calls serious or critical. */
  async axe(page) {
    await page.evaluate(axe);
    const found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})");
    return found.violations.filter((each) => ["serious", "critical"].includes(each.impact))
        .map((each) => each.id + ": " + each.nodes.map((node) => node.html).join(" | "));
  },
  /* Waits until that is so. playwright's own waitForFunction() evaluates a text in the page, which its policy forbids. */
  async until(page, expression) {
    const end = Date.now() + patience;
    while (!(await page.evaluate(expression))) {
      if (Date.now() > end) {
        throw new Error("never: " + expression);
      }
      await page.waitForTimeout(50);
    }
  },
  /* Nothing like that is answered any more; mend(): it is again. */
  async cut(page, pattern) {
    await page.route(pattern, (route) => route.abort());
  },
  /* No question is answered any more; who is in, and what happens, is still told. */
  async silence(page) {
    await page.route((url) => /^\/v1\/(?!session|events)/.test(url.pathname), (route) => route.abort());
  },
  async mend(page, pattern) {
    await page.unroute(pattern);
  },
  /* The browser's own clock, from that time on, and some time later. */
  async clock(page, options) {
    await page.clock.install(options);
  },
  async forward(page, span) {
    await page.clock.fastForward(span);
  },
  /* What a click saves, as that file. */
  async save(page, selector, path) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(selector)]);
    await download.saveAs(path);
  },
  /* The session is over in a minute, as long as nobody uses it. */
  async ending(page) {
    await page.route("**/v1/session", async (route) => {
      const response = await route.fetch();
      const told = await response.json();
      const ends_unless_used = new Date(Date.parse(response.headers().date) + 60_000).toISOString();
      await route.fulfill({ response, json: "clearway-unattended" in route.request().headers() ? { ...told, ends_unless_used } : told });
    });
  },
  /* What was asked since it was asked for last. */
  async asked() {
    return asks.splice(0);
  },
  async press(page, key) {
    await page.keyboard.press(key);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { tab: number, call, args } = JSON.parse(line);
  try {
    const page = ["browse", "complaints", "asked", "without", "old"].includes(call) ? null : await tab(number);
    const value = own[call] ? await own[call](...(page ? [page, ...args] : args)) : await page[call](...args);
    console.log(JSON.stringify({ value: ["string", "number", "boolean"].includes(typeof value) || Array.isArray(value) ? value : null }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error.message ?? error) }));
  }
}
await browser.close();
