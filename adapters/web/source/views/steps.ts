// steps.ts - the chain of a consignment's milestones as steps: each done, under way or to come, from when to when, when it is
// planned, how long such a step usually takes, and whose it is; and who must act now. Pure: the view draws what this says.
import type { Code, Consignment, Milestone, Usual, UsualStep } from "./answers";

export interface Step {
  name: string;
  zh: string;
  en: string;
  side: string;
  isMoment: boolean; // it has no length: what the chain begins with, and what is planned on the way
  state: "done" | "running" | "to_come";
  start: string; // "": not begun
  end: string; // "": not ended
  planned: string; // when it should end, as the port told it last, or as it is booked; "": nobody did
  p50: number | null; // seconds
  p90: number | null;
  n: number; // of how many declarations those are
}

const GOODS_MOVE = ["terminal", "carrier", "consignee"]; // whose steps are of the goods themselves

function momentOf(milestones: Milestone[], code: string, end: boolean): string {
  const told = milestones.filter((milestone) => milestone.code === code);
  const moments = told.map((milestone) => (end ? milestone.last : milestone.first)).sort();
  return (end ? moments[moments.length - 1] : moments[0]) ?? "";
}

/* --- which steps ---------------------------------------------------------------------------------------- */

interface Link extends UsualStep {
  isAside?: boolean;
}

/** What not every consignment goes through (an inspection) stands in the chain from when the first of it was told: it parts
 *  the step with whose end it ends. */
function withAsides(chain: UsualStep[], asides: UsualStep[], milestones: Milestone[]): Link[] {
  return chain.flatMap((step): Link[] => {
    const way: Link[] = [];
    for (let next = asides.find((each) => each.to === step.to); next && way.length < asides.length; ) {
      const from = next.from;
      way.unshift({ ...next, isAside: true });
      next = asides.find((each) => each.to === from);
    }
    const from = way[0]?.from ?? "";
    if (!momentOf(milestones, from, false) || chain.some((each) => each.from === from)) {
      return [step];
    }
    const { p50, p90, ...before } = step;
    return [{ ...before, to: from }, ...way];
  });
}

/** A step ends with its second milestone. It begins with the later of what comes before it in the chain: a declaration made
 *  before the ship has arrived waits for nobody. A later milestone that was told says that what stands before it is done; but papers
 *  may be ahead of the goods (提前申报), and say nothing of where those are. */
export function stepsOf(consignment: Consignment, usual: Usual | null): Step[] {
  const found = usual?.directions.find((direction) => direction.direction === consignment.direction);
  if (!found) {
    return [];
  }
  const chain = withAsides(found.steps, found.asides, consignment.milestones);
  const plannedFor = (code: string) => consignment.planned.find((plan) => plan.code === code)?.at ?? "";
  const ends = chain.map((step) => momentOf(consignment.milestones, step.to, true));
  const first = chain[0]?.from ?? "";
  let begun = momentOf(consignment.milestones, first, false);
  let isAwaited = false; // the goods, by whose step is next: papers that are ahead of the ship move nothing
  const steps = chain.map((step, place): Step => {
    const end = ends[place]!;
    const passed = end !== "" || chain.some((later, behind) => (
      behind > place && ends[behind] !== "" && (GOODS_MOVE.includes(later.side) || !GOODS_MOVE.includes(step.side))));
    const moves = GOODS_MOVE.includes(step.side);
    const start = moves && isAwaited ? "" : begun;
    isAwaited ||= moves && !passed && [start, plannedFor(step.from), plannedFor(step.to)].some(Boolean);
    begun = end > begun ? end : passed ? begun : "";
    return {
      name: step.name, zh: step.zh, en: step.en, side: step.side, isMoment: false, n: step.n,
      p50: step.p50 ?? null,
      p90: step.p90 ?? null,
      state: passed ? "done" : start ? "running" : "to_come",
      start,
      end: end && end < start ? start : end,
      planned: plannedFor(step.to),
    };
  }).filter((step, place) => !(chain[place]!.isAside && step.state === "done" && !step.end)); // nobody told how it went
  const pointOf = ({ code, zh, en }: Code, behind: Step[]): Step => {
    const end = momentOf(consignment.milestones, code, false);
    const isPassed = behind.some((step) => step.state === "done" && GOODS_MOVE.includes(step.side));
    return {
      name: code, zh, en, side: "", isMoment: true, p50: null, p90: null, n: 0, state: end || isPassed ? "done" : "to_come",
      start: "", end, planned: plannedFor(code),
    };
  };
  const isTold = (code: string) => plannedFor(code) !== "" || momentOf(consignment.milestones, code, false) !== "";
  for (const moment of usual!.moments.filter(({ code }) => isTold(code))) {
    const at = momentOf(consignment.milestones, moment.code, false) || plannedFor(moment.code);
    const behind = steps.findIndex((step) => GOODS_MOVE.includes(step.side) && (step.end === "" ? step.state !== "done" : step.end >= at));
    const place = behind < 0 ? steps.length : behind;
    steps.splice(place, 0, pointOf(moment, steps.slice(place)));
  }
  if (found.start && isTold(first)) { // what all begins with: for imports the ship, where a plan is wanted most
    steps.unshift(pointOf({ code: found.start, zh: found.start_zh, en: found.start_en }, steps));
  }
  return steps;
}

/** The step that is under way, else the first that is still to come; null: nothing is left, or nothing is known. */
export function nextOf(steps: Step[]): Step | null {
  return steps.find((step) => step.state === "running") ?? steps.find((step) => step.state === "to_come") ?? null;
}

/* --- whose turn it is ------------------------------------------------------------------------------------- */

const BY_DECLARANT = ["failed", "rejected", "tax-due", "revoked"]; // states of a declaration that waits for who made it
const BY_CUSTOMS = ["submitted", "registered", "accepted", "held"];
const PAPERS = ["declarant", "customs"]; // whose step it is says a declaration itself

/** Who must act now, or will act first: whose the step is, unless a declaration says better where it stands. */
export function actorsOf(consignment: Consignment, steps: Step[]): string[] {
  const step = nextOf(steps);
  if (!step) {
    return [];
  }
  const states = consignment.declarations.map((declaration) => declaration.state);
  const asideOf = consignment.bookings.some((booking) => booking.state === "missed") ? "declarant" : step.side;
  const isOfPapers = PAPERS.includes(step.side) && !states.includes("selected");
  const actors = states.some((state) => BY_DECLARANT.includes(state)) ? ["declarant"]
               : (isOfPapers || step.side === "") && states.some((state) => BY_CUSTOMS.includes(state)) ? ["customs"] : [];
  if (step.side && (!isOfPapers || actors.length === 0)) {
    actors.unshift(states.includes("selected") ? asideOf : step.side);
  }
  return [...new Set(actors)];
}

/* --- to scale ------------------------------------------------------------------------------------------- */

/** From when to when, as shares of the picture's width. */
export interface Span {
  from: number;
  to: number;
}

export interface Row {
  step: Step;
  actual: Span | null; // what it took, or has taken so far
  expected: Span | null; // from then on, as planned, else as usual
  usual: Span | null; // p50 to p90
  planned: number | null;
}

export interface Scale {
  rows: Row[];
  now: number | null; // where it stands; null: all is over
  ticks: { at: number; moment: Date; isDay: boolean }[];
}

const MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
const TICKS = [60, 300, 600, 1_800, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 91 * DAY, 364 * DAY];
const TICKS_MAX = 5;
const ZONE = 8 * HOUR; // the port's clock is Asia/Shanghai
const BEYOND = 1.5; // so many times as wide as what is known a usual time may make the picture

interface Bars {
  step: Step;
  actual?: [number, number];
  expected?: [number, number];
  usual?: [number, number];
  planned?: number;
}

function seconds(moment: string): number {
  return Date.parse(moment) / 1000;
}

/* Each step in seconds; what is still to come follows on what is expected of the one before it. */
function barsOf(steps: Step[], now: number): Bars[] {
  let follows = 0; // when the one before is, or should be, over
  return steps.map((step) => {
    const bars: Bars = { step };
    const planned = step.planned ? seconds(step.planned) : 0;
    const end = step.end ? seconds(step.end) : 0;
    let start = step.start ? seconds(step.start) : end;
    if (planned) {
      bars.planned = planned;
    }
    if (step.state === "done") {
      if (end) {
        bars.actual = [start, end];
        follows = Math.max(follows, end);
      }
    } else {
      start = start || Math.max(follows, now);
      const expected = Math.max(planned > start ? planned : start + (step.p50 ?? 0), now);
      if (step.start) {
        bars.actual = [start, Math.max(start, now)];
      }
      if (expected > Math.max(start, step.start ? now : 0)) {
        bars.expected = [step.start ? Math.max(start, now) : step.isMoment ? expected : start, expected];
      }
      follows = Math.max(follows, expected);
    }
    if (step.p50 !== null && start && (step.start || step.state !== "done")) {
      bars.usual = [start + step.p50, start + step.p90!];
    }
    return bars;
  });
}

function ticksOf(from: number, to: number): number[] {
  const step = TICKS.find((each) => (to - from) / each <= TICKS_MAX) ?? (to - from) / TICKS_MAX;
  const ticks = [];
  for (let at = Math.ceil((from + ZONE) / step) * step - ZONE; at <= to; at += step) {
    ticks.push(at);
  }
  return ticks;
}

/** null: nothing is known of when anything was or will be. */
export function scaleOf(steps: Step[], at: Date): Scale | null {
  const now = at.getTime() / 1000;
  const bars = barsOf(steps, now);
  if (!bars.some((each) => each.actual || each.planned)) {
    return null;
  }
  const known = bars.flatMap((each) => [...(each.actual ?? []), ...(each.expected ?? []), ...(each.planned ? [each.planned] : [])]);
  const isOver = steps.every((step) => step.state === "done");
  const from = Math.min(...known, ...(isOver ? [] : [now]));
  const least = Math.max(...known, ...(isOver ? [] : [now]));
  const wanted = Math.max(least, ...bars.flatMap((each) => (each.step.state !== "done" && each.usual ? [each.usual[1]] : [])));
  const to = Math.max(Math.min(wanted, from + (least - from) * BEYOND), from + MINUTE);
  const place = (moment: number) => Math.min(1, Math.max(0, (moment - from) / (to - from)));
  const span = (pair: [number, number] | undefined) => (pair && pair[0] <= to ? { from: place(pair[0]), to: place(pair[1]) } : null);
  return {
    rows: bars.map((each) => ({
      step: each.step, actual: span(each.actual), expected: span(each.expected), usual: span(each.usual),
      planned: each.planned ? place(each.planned) : null,
    })),
    now: isOver ? null : place(now),
    ticks: ticksOf(from, to).map((moment) => ({ at: place(moment), moment: new Date(moment * 1000), isDay: (moment + ZONE) % DAY === 0 })),
  };
}
