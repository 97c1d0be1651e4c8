// steps.ts - the chain of a consignment's milestones as steps: each done, under way or to come, from when to when, how long
// such a step usually takes, and whose it is. Pure: the view draws what this says.
import type { Consignment, Milestone, Usual } from "./answers";

export interface Step {
  name: string;
  zh: string;
  en: string;
  side: string;
  state: "done" | "running" | "to_come";
  start: string; // "": not begun
  end: string; // "": not ended
  planned: string; // when it should end, as the port told it last; "": nobody did
  p50: number | null; // seconds
  p90: number | null;
}

const GOODS_MOVE = ["terminal", "carrier", "consignee"]; // whose steps are of the goods themselves

function momentOf(milestones: Milestone[], code: string, end: boolean): string {
  const told = milestones.filter((milestone) => milestone.code === code);
  const moments = told.map((milestone) => (end ? milestone.last : milestone.first)).sort();
  return (end ? moments[moments.length - 1] : moments[0]) ?? "";
}

/** A step ends with its second milestone. It begins with the later of what comes before it in the chain: a declaration made
 *  before the ship has arrived waits for nobody. A later milestone that was told says that what stands before it is done; but papers
 *  may be ahead of the goods (提前申报), and say nothing of where those are. */
export function stepsOf(consignment: Consignment, usual: Usual | null): Step[] {
  const chain = usual?.directions.find((direction) => direction.direction === consignment.direction);
  if (!chain) {
    return [];
  }
  const ends = chain.steps.map((step) => momentOf(consignment.milestones, step.to, true));
  let begun = momentOf(consignment.milestones, chain.steps[0]?.from ?? "", false);
  return chain.steps.map((step, place) => {
    const end = ends[place]!;
    const passed = end !== "" || chain.steps.some((later, behind) => (
      behind > place && ends[behind] !== "" && (GOODS_MOVE.includes(later.side) || !GOODS_MOVE.includes(step.side))));
    const start = begun;
    begun = end > begun ? end : passed ? begun : "";
    return {
      ...step,
      p50: step.p50 ?? null,
      p90: step.p90 ?? null,
      state: passed ? "done" : start ? "running" : "to_come",
      start,
      end: end && end < start ? start : end,
      planned: consignment.planned.find((plan) => plan.code === step.to)?.at ?? "",
    };
  });
}

/** The step that is under way, else the first that is still to come; null: nothing is left, or nothing is known. */
export function nextOf(steps: Step[]): Step | null {
  return steps.find((step) => step.state === "running") ?? steps.find((step) => step.state === "to_come") ?? null;
}
