// ask.ts - questions to the gateway. What it answers is kept as a signal with its age: a view draws loading, answered,
// stale (an older answer, and no newer one could be had) and failed on purpose.
import { signal, type Signal } from "@preact/signals";
import { heard, thisMoment } from "./clock";
import { headers, parsed, problemOf, UNREACHABLE, type Finding, type Problem } from "./problem";
import { signedOut } from "./session";

export interface Answer<T> {
  data: T | null;
  at: Date | null; // of data
  problem: Problem | null; // of the last try
  isAsking: boolean;
}

async function refused(response: Response): Promise<Problem> {
  if (response.status === 401) {
    signedOut();
  }
  return problemOf(response);
}

/** Asks once. Throws a Problem; status 0: nobody answered. */
export async function ask<T>(path: string, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch("/v1/" + path, { headers: headers(), signal });
  } catch {
    throw UNREACHABLE;
  }
  heard(response);
  if (!response.ok) {
    throw await refused(response);
  }
  return parsed<T>(await response.text());
}

/** A question that may be asked again: its answer stays until there is a newer one. While it is asked, asking means once more
 *  when that is answered, so that however fast events come, each is seen, and answers are never overtaken. */
export class Question<T> {
  readonly answer: Signal<Answer<T>> = signal({ data: null, at: null, problem: null, isAsking: false });
  private readonly abort = new AbortController();
  private onceMore = false;

  constructor(readonly path: string) {}

  async ask(): Promise<void> {
    this.onceMore = this.answer.value.isAsking;
    if (this.onceMore || this.abort.signal.aborted) {
      return;
    }
    this.answer.value = { ...this.answer.value, isAsking: true };
    try {
      const data = await ask<T>(this.path, this.abort.signal);
      this.answer.value = { data, at: thisMoment(), problem: null, isAsking: false };
    } catch (problem) {
      this.answer.value = { ...this.answer.value, problem: problem as Problem, isAsking: false };
    }
    if (this.onceMore) {
      void this.ask();
    }
  }

  /** Nobody wants to know any more. */
  leave(): void {
    this.abort.abort();
  }
}

export interface Submitted {
  receipt: Receipt | null;
  problem: Problem | null;
}

export interface Receipt {
  record: number;
  recorded: string;
  verdict: string;
  family: string;
  format: string;
  id: string;
  digest: string;
  size: number;
  findings: Finding[];
}

/** Hands a message over. A refusal is an answer, too; where none came, it may have been taken all the same. */
export async function submit(message: Blob): Promise<Submitted> {
  const response = await fetch("/v1/messages", {
    method: "POST",
    headers: { ...headers(), "Content-Type": "application/xml" },
    body: message,
  }).catch(() => null);
  return !response ? { receipt: null, problem: UNREACHABLE } : response.ok ? { receipt: parsed<Receipt>(await response.text()), problem: null }
                     : { receipt: null, problem: await refused(response) };
}
