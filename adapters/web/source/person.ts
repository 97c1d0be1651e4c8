// person.ts - whether somebody sits before the page. It asks by itself, too: when an event comes, and when a while has gone by. That
// is no use of a session, or one that is left open would never end: what is asked says so, and here alone it is decided.
const WITHIN_MS = 60_000; // who did something so long ago still looks

/** What is asked by nobody says this. */
export const UNATTENDED: Record<string, string> = { "Clearway-Unattended": "1" };

const DEEDS = ["pointerdown", "pointermove", "keydown", "wheel", "scroll"];

let done = Date.now(); // who opened the page is there
let said = done; // that he is: the gateway heard so

/** What each request says of it. */
export function attendance(): Record<string, string> {
  const now = Date.now();
  if (now - done > WITHIN_MS) {
    return UNATTENDED;
  }
  said = now;
  return {};
}

/** Calls when somebody is there and the gateway has not heard so for a while: who fills a long form in asks nothing. */
export function whenBack(tell: () => void): void {
  DEEDS.forEach((deed) => addEventListener(deed, () => {
    done = Date.now();
    if (done - said > WITHIN_MS) {
      said = done;
      tell();
    }
  }, { passive: true, capture: true }));
}
