// clock.ts - the time of now, as a signal that moves while somebody looks: how long something waits goes on counting though
// nothing happens.
import { signal } from "@preact/signals";

const EVERY_MS = 20_000;

export const now = signal(new Date());

setInterval(() => {
  if (!document.hidden) {
    now.value = new Date();
  }
}, EVERY_MS);
document.addEventListener("visibilitychange", () => { now.value = new Date(); });
