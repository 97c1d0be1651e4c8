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

async function tab(number) {
  if (!tabs.has(number)) {
    const page = await context.newPage();
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => { if (/Content Security Policy/.test(message.text())) complaints.push(message.text()); });
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
  async mend(page, pattern) {
    await page.unroute(pattern);
  },
  /* What a click saves, as that file. */
  async save(page, selector, path) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(selector)]);
    await download.saveAs(path);
  },
  async press(page, key) {
    await page.keyboard.press(key);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { tab: number, call, args } = JSON.parse(line);
  try {
    const page = ["browse", "complaints", "without"].includes(call) ? null : await tab(number);
    const value = own[call] ? await own[call](...(page ? [page, ...args] : args)) : await page[call](...args);
    console.log(JSON.stringify({ value: ["string", "number", "boolean"].includes(typeof value) || Array.isArray(value) ? value : null }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error.message ?? error) }));
  }
}
await browser.close();
