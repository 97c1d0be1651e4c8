// units.mjs MODULES SOURCES - what the page calculates and does not draw, in tables of cases, without a browser.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { pathToFileURL } from "node:url";

const [, , modules, sources] = process.argv;
const { build } = await import(pathToFileURL(modules + "/esbuild/lib/main.js").href);

async function from(name) {
  const { outputFiles } = await build({ entryPoints: [`${sources}/${name}.ts`], bundle: true, write: false, format: "esm", logLevel: "error" });
  return import("data:text/javascript;base64," + Buffer.from(outputFiles[0].contents).toString("base64"));
}

const { checkDigit } = await from("container");
const { joined, meant } = await from("number");
const { callOf, imoDigit } = await from("vessel");
const { actorsOf, nextOf, scaleOf, stepsOf } = await from("views/steps");

test("the check digit of a container, ISO 6346", () => {
  for (const [number, digit] of [["CSQU3054383", 3], ["CSQU3054384", 3], ["MSKU1234565", 5], ["QDHU4000008", 8], ["QDHU4001236", 6],
                                 ["CSQX3054383", null], ["CSQU305438", null], ["csqu3054383", null], ["", null]]) {
    assert.equal(checkDigit(number), digit, number);
  }
});

// case 751
test("a number as it is typed and pasted", () => {
  for (const [words, number] of [
    [" COSU6000000001\t", "COSU6000000001"], ["cosu6000000001", "cosu6000000001"], ["ｃｏｓｕ６００－１", "cosu600-1"],
    ["提单号：COSU6000000001", "COSU6000000001"], ["箱号: csqu 305438-3", "CSQU3054383"], ["CSQU305438[3]", "CSQU3054383"],
    ["COSU6000\u200b000001", "COSU6000000001"], ["COSU6000000001\r\n", "COSU6000000001"], ["COSU 6000  000\u3000001", "COSU 6000 000 001"],
    ["海岬示例／０２６Ｅ", "海岬示例/026E"], ["新海（一）号/026E", "新海（一）号/026E"], ["urn:uuid:1-2", "urn:uuid:1-2"], ["IMO 9074729", "IMO 9074729"],
    ["A.1-b", "A.1-b"], ["　", ""], ["", ""],
  ]) {
    assert.equal(meant(words), number, words);
  }
  assert.equal(joined("COSU 6000-000 001"), "COSU6000000001");
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
  { name: "second", zh: "二", en: "second", from: "B", to: "C", side: "customs", n: 0 }], asides: [] }], moments: [] };
const at = (hour) => `2026-10-12T${String(hour).padStart(2, "0")}:00:00+08:00`;

function consignment(moments, planned = {}, states = [], bookings = []) {
  return {
    direction: "import",
    declarations: states.map((state) => ({ state })),
    bookings: bookings.map((state) => ({ state })),
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
  const papers = { directions: [{ direction: "import", asides: [], steps: USUAL.directions[0].steps.map((step) => ({ ...step, side: "customs" })) }], moments: [] };
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

/* The same chain, which begins with A, and an inspection that parts its second step: X is told of, M is in between. */
const ASIDE = { directions: [{ ...USUAL.directions[0], start: "A", start_zh: "甲", start_en: "begin", asides: [
  { name: "booking", zh: "约", en: "booking", from: "X", to: "M", side: "declarant", n: 9, p50: 60, p90: 90 },
  { name: "looking", zh: "看", en: "looking", from: "M", to: "C", side: "customs", n: 9, p50: 60, p90: 90 },
  { name: "berth", zh: "泊", en: "berth", from: "A", to: "Z", side: "terminal", n: 9 }] }], moments: [{ code: "P", zh: "停", en: "stop" }] };

// case 776
test("an inspection parts the step that it holds up", () => {
  const names = (moments, planned) => stepsOf(consignment(moments, planned), ASIDE).map((step) => `${step.name} ${step.state}`);
  assert.deepEqual(names({ A: [1] }), ["A done", "first running", "second to_come"]);
  assert.deepEqual(names({ A: [1], B: [2], X: [3] }), ["A done", "first done", "second done", "booking running", "looking to_come"]);
  assert.deepEqual(names({ A: [1], B: [2], X: [3], M: [4], C: [5] }), ["A done", "first done", "second done", "booking done", "looking done"]);
  assert.deepEqual(names({ A: [1], B: [2], X: [3], C: [5] }), ["A done", "first done", "second done", "looking done"], "nobody told that it was booked");
  const [arrival, , , booking, looking] = stepsOf(consignment({ A: [1], B: [2], X: [3] }, { M: 6 }), ASIDE);
  assert.deepEqual([booking.start, booking.planned, looking.planned, arrival.end, arrival.isMoment], [at(3), at(6), "", at(1), true]);
});

test("what all begins with is shown as soon as it is planned", () => {
  assert.deepEqual(stepsOf(consignment({}), ASIDE).map((step) => step.name), ["first", "second"]);
  const [ship] = stepsOf(consignment({}, { A: 7 }), ASIDE);
  assert.deepEqual([ship.name, ship.state, ship.planned], ["A", "to_come", at(7)]);
});

// case 904
test("papers that are ahead of the ship move no goods", () => {
  const chain = { directions: [{ direction: "import", start: "A", start_zh: "甲", start_en: "begin", asides: [], steps: [
    { name: "discharge", from: "A", to: "B", side: "terminal", n: 0 }, { name: "customs", from: "B", to: "C", side: "customs", n: 0 },
    { name: "removal", from: "C", to: "D", side: "consignee", n: 0 }] }], moments: [] };
  const names = (moments, planned) => stepsOf(consignment(moments, planned), chain).map((step) => `${step.name} ${step.state}`);
  assert.deepEqual(names({ C: [2] }, { A: 7 }), ["A to_come", "discharge to_come", "customs done", "removal to_come"]);
  assert.deepEqual(names({ C: [2], A: [3] }), ["A done", "discharge running", "customs done", "removal to_come"]);
  assert.deepEqual(names({ C: [2], A: [3], B: [4] }), ["A done", "discharge done", "customs done", "removal running"]);
  assert.deepEqual(names({ C: [2] }), ["discharge to_come", "customs done", "removal running"], "of the ship nothing is known");
});

// case 903
test("what is planned on the way stands before the step that follows it", () => {
  const names = (moments, planned) => stepsOf(consignment(moments, planned), ASIDE).map((step) => `${step.name} ${step.state}`);
  assert.deepEqual(names({ A: [1] }, { P: 3 }), ["A done", "P to_come", "first running", "second to_come"]);
  assert.deepEqual(names({}, { A: 2, P: 3 }), ["A to_come", "P to_come", "first to_come", "second to_come"]);
  assert.deepEqual(names({ A: [1], P: [2], B: [4] }), ["A done", "P done", "first done", "second running"]);
  assert.deepEqual(names({ A: [1], B: [4] }, { P: 3 }), ["A done", "P done", "first done", "second running"], "nobody told that she did");
  const stop = stepsOf(consignment({ A: [1], P: [4] }, { P: 3 }), ASIDE)[1];
  assert.deepEqual([stop.isMoment, stop.end, stop.planned], [true, at(4), at(3)]);
  assert.equal(nextOf(stepsOf(consignment({ A: [1] }, { P: 3 }), ASIDE)).name, "first");
});

// case 777
test("who must act now is said by the declaration where it knows better", () => {
  const cases = [
    [{ A: [1] }, [], [], "terminal"],
    [{ A: [1] }, ["rejected"], [], "terminal declarant"],
    [{ A: [1] }, ["accepted"], [], "terminal"],
    [{ A: [1], B: [2] }, ["accepted"], [], "customs"],
    [{ A: [1], B: [2] }, ["tax-due"], [], "declarant"],
    [{ A: [1], B: [2] }, [], [], "customs"],
    [{ A: [1], B: [2], X: [3] }, ["selected"], [], "declarant"],
    [{ A: [1], B: [2], X: [3], M: [4] }, ["selected"], ["booked"], "customs"],
    [{ A: [1], B: [2], X: [3], M: [4] }, ["selected"], ["missed"], "declarant"],
    [{ A: [1], B: [2], C: [5] }, ["released"], [], ""],
  ];
  for (const [moments, states, bookings, actors] of cases) {
    const of = consignment(moments, {}, states, bookings);
    assert.equal(actorsOf(of, stepsOf(of, ASIDE)).join(" "), actors, JSON.stringify([moments, states]));
  }
  const waiting = consignment({}, { A: 7 }, ["registered"]);
  assert.deepEqual(actorsOf(waiting, stepsOf(waiting, ASIDE)), ["customs"]);
});

test("a consignment to scale", () => {
  const rounded = (span) => span && [span.from, span.to].map((each) => Math.round(each * 100) / 100);
  const scale = (moments, planned, hour) => scaleOf(stepsOf(consignment(moments, planned), USUAL), new Date(at(hour)));
  const over = scale({ A: [0], B: [4], C: [10] }, { B: 2 }, 20);
  assert.deepEqual(over.rows.map((row) => rounded(row.actual)), [[0, .4], [.4, 1]]);
  assert.deepEqual([over.now, over.rows[0].planned, rounded(over.rows[0].usual)], [null, .2, [.1, .2]]);
  const running = scale({ A: [0] }, { B: 8 }, 4);                                      // C follows, nobody knows how long
  assert.deepEqual([running.now, rounded(running.rows[0].actual), rounded(running.rows[0].expected), running.rows[1].actual], [.5, [0, .5], [.5, 1], null]);
  const late = scale({ A: [0] }, { B: 2 }, 4);
  assert.deepEqual([late.now, late.rows[0].expected, rounded(late.rows[0].actual), late.rows[0].planned], [1, null, [0, 1], .5]);
  assert.equal(scale({}, {}, 4), null, "of nothing there is no picture");
  const papers = scaleOf(stepsOf(consignment({ B: [3] }), USUAL), new Date(at(4)));    // when it began nobody told
  assert.deepEqual([papers.rows[0].usual, rounded(papers.rows[0].actual)], [null, [0, 0]]);
  for (const [from, to] of [[1, 2], [1, 20], [0, 23]]) {
    const ticks = scale({ A: [from], B: [to] }, {}, to).ticks;
    assert.ok(ticks.length > 1 && ticks.length <= 7, `${ticks.length} ticks`);
    assert.ok(ticks.every((tick) => tick.at >= 0 && tick.at <= 1 && tick.moment.getMinutes() % 10 === 0));
  }
});

// case 775; what scripts use is tried in a browser that has none of what came later (test_watch.py)
test("the style is written for the oldest browser", async () => {
  const style = await readFile(sources + "/../style.css", "utf8");
  assert.equal(/:has\(|:is\(|:where\(|@container|@layer|aspect-ratio|color-mix|accent-color|\d[sld]v[hw]\b/.exec(style)?.[0] ?? null, null);
});
