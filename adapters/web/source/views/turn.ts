// turn.ts - whose turn it is, in words.
import { isSide } from "../session";
import { side, text } from "../texts";
import type { Step } from "./steps";

/** "You must act", where it is yours. */
export function turn(step: Step | null, sides: string[]): string {
  const mine = sides.find(isSide);
  return !sides.length ? text("nobody_acts") : mine ? text(step?.start ? "you_must_act" : "you_will_act", side(mine))
       : text(step?.start ? "must_act" : "will_act", sides.map(side).join(text("and")));
}
