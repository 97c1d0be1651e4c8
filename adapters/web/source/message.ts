// message.ts - messages that the page fills in for who looks at it: the very XML that a program of the party would send, handed
// over the same way (ask.ts, submit()).

import { thisMoment } from "./clock";
import { UNREACHABLE, type Problem } from "./problem";

/** An element: its name and its text, or what is in it. One whose text is "" is left out. */
export type Part = readonly [name: string, content: string | readonly Part[]];

const XML = '<?xml version="1.0" encoding="UTF-8"?>\n';

function add(to: Element, parts: readonly Part[], depth: number): void {
  const document = to.ownerDocument;
  for (const [name, content] of parts) {
    if (content.length === 0) {
      continue;
    }
    const element = document.createElementNS(to.namespaceURI, name);
    to.append("\n" + "  ".repeat(depth), element);
    if (typeof content === "string") {
      element.textContent = content;
    } else {
      add(element, content, depth + 1);
    }
  }
  to.append("\n" + "  ".repeat(depth - 1));
}

/** A message of one of our own formats, whose namespace is urn:clearway:FORMAT:1. */
export function filled(format: string, root: string, parts: readonly Part[]): XMLDocument {
  const made = document.implementation.createDocument(`urn:clearway:${format}:1`, root, null);
  add(made.documentElement, parts, 1);
  return made;
}

function child(of: Element, name: string): Element | null {
  return Array.from(of.children).find((each) => each.localName === name) ?? null;
}

/** Puts other texts into a message that was sent before: by the way to an element ("Inspection/SlotStart"), null: it is taken out.
 *  What is not there yet comes behind the element named in `behind`. */
export function refill(message: XMLDocument, texts: Record<string, string | null>, behind: Record<string, string> = {}): XMLDocument {
  const root = message.documentElement;
  for (const [way, value] of Object.entries(texts)) {
    const names = way.split("/");
    const element = names.reduce<Element | null>((at, name) => at && child(at, name), root);
    const before = behind[way] ? child(root, behind[way]!) : null;
    if (element && value !== null) {
      element.textContent = value;
    } else if (element) {
      element.remove();
    } else if (value && before) {
      const added = message.createElementNS(root.namespaceURI, names[0]!);
      added.textContent = value;
      before.after("\n  ", added);
    }
  }
  return message;
}

/** A message that was sent before, as a document; the browser knows its encoding. Throws a Problem when it cannot be had. */
export function sentBefore(record: number): Promise<XMLDocument> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", `/v1/messages/${record}/content`);
    request.responseType = "document";
    request.overrideMimeType("application/xml");
    request.onload = () => (request.status === 200 && request.responseXML ? resolve(request.responseXML)
      : reject({ status: request.status, code: "", title: request.statusText || String(request.status), detail: "" } satisfies Problem));
    request.onerror = () => reject(UNREACHABLE);
    request.send();
  });
}

export function textOf(message: XMLDocument): string {
  return XML + new XMLSerializer().serializeToString(message.documentElement) + "\n";
}

/** Now, by the clock of the port: 2026-10-13T09:00:00+08:00. */
export function sentTime(at = thisMoment()): string {
  return new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 19) + "+08:00";
}

/** An id that nobody has yet: P-20261013090000-1A2B3C4D. */
export function freshId(prefix: string, at = thisMoment()): string {
  const random = Array.from(crypto.getRandomValues(new Uint8Array(4)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${prefix}-${sentTime(at).slice(0, 19).replace(/\D/g, "")}-${random.toUpperCase()}`;
}
