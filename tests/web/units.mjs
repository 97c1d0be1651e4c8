// units.mjs MODULES SOURCES - what the page calculates and does not draw, in tables of cases, without a browser.
import assert from "node:assert/strict";
import test from "node:test";
import { pathToFileURL } from "node:url";

const [, , modules, sources] = process.argv;
const { build } = await import(pathToFileURL(modules + "/esbuild/lib/main.js").href);

async function from(name) {
  const { outputFiles } = await build({ entryPoints: [`${sources}/${name}.ts`], bundle: true, write: false, format: "esm", logLevel: "error" });
  return import("data:text/javascript;base64," + Buffer.from(outputFiles[0].contents).toString("base64"));
}

const { checkDigit } = await from("container");
const { callOf, imoDigit } = await from("vessel");
const { nextOf, stepsOf } = await from("views/steps");

test("the check digit of a container, ISO 6346", () => {
  for (const [number, digit] of [["CSQU3054383", 3], ["CSQU3054384", 3], ["MSKU1234565", 5], ["QDHU4000008", 8], ["QDHU4001236", 6],
                                 ["CSQX3054383", null], ["CSQU305438", null], ["csqu3054383", null], ["", null]]) {
    assert.equal(checkDigit(number), digit, number);
  }
});

test("a vessel, and a call of it", () => {
  assert.equal(imoDigit("9074729"), 9);
  assert.equal(imoDigit("9074728"), 9);
  assert.equal(imoDigit("907472"), null);
  for (const [words, call] of [["9074729", ["9074729", ""]], ["IMO 9074728", ["9074728", ""]], ["9074728", null], ["海岬示例/026E", ["海岬示例", "026E"]],
                               ["HAIJIA STAR / 26W", ["HAIJIA STAR", "26W"]], ["CNQDG/COSU6201234567", null], ["COSU6201234567", null], ["/", null], ["A/B/C", null]]) {
    assert.deepEqual(callOf(words), call && { vessel: call[0], voyage: call[1] }, words);
  }
});

/* The chain A > B > C of imports; moments are hours of one day. */
const USUAL = { directions: [{ direction: "import", steps: [
  { name: "first", zh: "一", en: "first", from: "A", to: "B", side: "terminal", n: 9, p50: 3600, p90: 7200 },
  { name: "second", zh: "二", en: "second", from: "B", to: "C", side: "customs", n: 0 }] }] };
const at = (hour) => `2026-10-12T${String(hour).padStart(2, "0")}:00:00+08:00`;

function consignment(moments, planned = {}) {
  return {
    direction: "import",
    milestones: Object.entries(moments).map(([code, hours]) => ({ code, first: at(hours[0]), last: at(hours[hours.length - 1]) })),
    planned: Object.entries(planned).map(([code, hour]) => ({ code, at: at(hour), record: 1 })),
  };
}

test("the steps of a consignment", () => {
  const cases = [
    ["nothing yet", {}, ["to_come", "to_come"], ["", ""], ["", ""], "first"],
    ["under way", { A: [1] }, ["running", "to_come"], [at(1), ""], ["", ""], "first"],
    ["one done", { A: [1], B: [3] }, ["done", "running"], [at(1), at(3)], [at(3), ""], "second"],
    ["all done", { A: [1], B: [3], C: [5] }, ["done", "done"], [at(1), at(3)], [at(3), at(5)], null],
    ["told twice: to the last", { A: [1], B: [3, 4] }, ["done", "running"], [at(1), at(4)], [at(4), ""], "second"],
    ["before the ship: waits for nobody", { A: [4], B: [2] }, ["done", "running"], [at(4), at(4)], [at(4), ""], "second"],
    // case 817
    ["papers ahead of the goods", { A: [1], C: [5] }, ["running", "done"], [at(1), ""], ["", at(5)], "first"],
    ["papers before the goods are here", { C: [5] }, ["to_come", "done"], ["", ""], ["", at(5)], "first"],
  ];
  for (const [what, moments, states, starts, ends, next] of cases) {
    const steps = stepsOf(consignment(moments), USUAL);
    assert.deepEqual(steps.map((step) => step.state), states, what);
    assert.deepEqual(steps.map((step) => step.start), starts, what);
    assert.deepEqual(steps.map((step) => step.end), ends, what);
    assert.equal(nextOf(steps)?.name ?? null, next, what);
  }
});

test("a later milestone says that what stands before it is done", () => {
  const papers = { directions: [{ direction: "import", steps: USUAL.directions[0].steps.map((step) => ({ ...step, side: "customs" })) }] };
  const steps = stepsOf(consignment({ A: [1], C: [5] }), papers);
  assert.deepEqual(steps.map((step) => step.state), ["done", "done"]);
  assert.equal(nextOf(steps), null);
});

test("what is planned stands beside what was", () => {
  const steps = stepsOf(consignment({ A: [1], B: [3] }, { A: 1, C: 7 }), USUAL);
  assert.deepEqual(steps.map((step) => step.planned), ["", at(7)]);
  assert.deepEqual(stepsOf(consignment({}), USUAL).map((step) => step.p90), [7200, null]);
});

test("goods of no known direction have no steps", () => {
  assert.deepEqual(stepsOf({ ...consignment({ A: [1] }), direction: "" }, USUAL), []);
  assert.deepEqual(stepsOf(consignment({ A: [1] }), null), []);
  assert.equal(nextOf([]), null);
});
