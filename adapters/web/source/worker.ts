// worker.ts - the SharedWorker: one stream for all tabs. A tab that comes later is told how the line stands.
import { Stream, type Told } from "./stream";

const ports = new Set<MessagePort>();
let line: Told["line"];

const stream = new Stream((told) => {
  line = told.line ?? line;
  ports.forEach((port) => port.postMessage(told));
});

(self as unknown as { onconnect: (event: MessageEvent) => void }).onconnect = (event) => {
  const port = event.ports[0]!;
  ports.add(port);
  if (line) {
    port.postMessage({ line } satisfies Told);
  }
  stream.open();
};
