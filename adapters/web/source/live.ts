// live.ts - what happens, as it happens: one stream of events for all tabs of a browser, in a SharedWorker, because a browser
// opens six connections to a host and no more. Where there is no SharedWorker, a tab listens itself, while it is looked at.
// The stream goes on behind the last event it saw, over any restart of the gateway.
import { signal } from "@preact/signals";
import { lookAgain } from "./session";
import type { Moved, Told } from "./stream";

export type Line = "connecting" | "live" | "stopped";

export const line = signal<Line>("connecting");
type Listener = (moved: Moved | null) => void;
const listeners = new Set<Listener>();

/** Calls with what each event is about, and with null when some may have been missed. */
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function told(message: Told): void {
  if (message.line) {
    const was = line.value;
    line.value = message.line;
    if (message.line === "stopped") {
      void lookAgain();
    }
    if (message.line === "live" && was === "stopped") {
      listeners.forEach((listener) => listener(null));
    }
  }
  if (message.moved) {
    listeners.forEach((listener) => listener(message.moved!));
  }
}

export async function startListening(worker: string): Promise<void> {
  if (typeof SharedWorker === "function") {
    const shared = new SharedWorker(worker, { name: "clearway" });
    shared.port.onmessage = (event: MessageEvent<Told>) => told(event.data);
    shared.port.start();
    return;
  }
  const { Stream } = await import("./stream");
  const stream = new Stream(told);
  const look = () => (document.hidden ? stream.close() : stream.open());
  document.addEventListener("visibilitychange", look);
  look();
}
