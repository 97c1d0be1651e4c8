// clock.ts - the time of now by the gateway's clock: which week a calendar begins with, and when a message was sent, do not hang on
// an office computer that is hours behind. A signal that moves while somebody looks: how long something waits goes on counting
// though nothing happens.
import { signal } from "@preact/signals";

const EVERY_MS = 20_000;
const NEGLIGIBLE_MS = 60_000; // an answer is on its way for a while, and tells whole seconds

let ahead = 0; // the gateway's clock, of the browser's

export function thisMoment(): Date {
  return new Date(Date.now() + ahead);
}

export const now = signal(thisMoment());

/** Each answer says when it was made. */
export function heard(answer: Response): void {
  const differs = Date.parse(answer.headers.get("Date") ?? "") - Date.now();
  const told = Math.abs(differs) < NEGLIGIBLE_MS ? 0 : differs;
  if (Math.abs(told - ahead) >= NEGLIGIBLE_MS) { // not where none is said, either
    ahead = told;
    now.value = thisMoment();
  }
}

setInterval(() => {
  if (!document.hidden) {
    now.value = thisMoment();
  }
}, EVERY_MS);
document.addEventListener("visibilitychange", () => { now.value = thisMoment(); });
