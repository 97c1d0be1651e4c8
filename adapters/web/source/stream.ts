// stream.ts - the gateway's stream of events (/v1/events), opened again when it breaks, behind the last event seen.
// Used by a tab, or by the worker that all tabs share.

/** What a tab is told. */
export interface Told {
  line?: "live" | "stopped";
  moved?: Moved;
}

/** What an event is about: goods, or an answer that is another one now (of a month, where it is the report). */
export interface Moved {
  subject: string;
  question: string;
  month: string;
}

const TYPES = ["decision", "milestone", "message", "change"].map((type) => `clearway.event.${type}.v1`);
const AGAIN_MS = 3_000;

export class Stream {
  private source: EventSource | null = null;
  private last = "";
  private again = 0;

  constructor(private readonly tell: (told: Told) => void) {}

  open(): void {
    if (this.source) {
      return;
    }
    this.source = new EventSource("/v1/events" + (this.last ? "?after=" + encodeURIComponent(this.last) : ""));
    this.source.onopen = () => this.tell({ line: "live" });
    this.source.onerror = () => this.broken();
    for (const type of TYPES) {
      this.source.addEventListener(type, (event) => this.took(event as MessageEvent<string>));
    }
  }

  close(): void {
    clearTimeout(this.again);
    this.source?.close();
    this.source = null;
  }

  private took(event: MessageEvent<string>): void {
    this.last = event.lastEventId || this.last;
    const moved: Moved = { subject: "", question: "", month: "" };
    try {
      const { subject, data } = JSON.parse(event.data);
      moved.subject = String(subject ?? "");
      moved.question = String(data.question ?? "");
      moved.month = String(data.month ?? "");
    } catch {
      // an event that cannot be read still says that something moved
    }
    this.tell({ moved });
  }

  // The browser connects again by itself, behind the last event, unless it was answered something else than a stream: by a
  // gateway that catches up, or to who has signed out.
  private broken(): void {
    this.tell({ line: "stopped" });
    if (this.source?.readyState === EventSource.CLOSED) {
      this.close();
      this.again = setTimeout(() => this.open(), AGAIN_MS) as unknown as number;
    }
  }
}
