// session.ts - who looks at the page: an account that is signed in, a browser with a party's certificate, or nobody yet.
import { signal } from "@preact/signals";
import { heard } from "./clock";
import { UNATTENDED, whenBack } from "./person";
import { headers, problemOf, UNREACHABLE, type Problem } from "./problem";

export interface Account {
  account: string;
  party: string;
  party_zh: string;
  party_en: string;
  role: string;
  role_zh: string;
  role_en: string;
  sends: boolean; // may hand messages over
  sees: Record<Kind, "none" | "own" | "all">;
  declares: string[]; // codes of whom it may do so for; "*": anybody
  ends?: string; // at the latest; neither where a proxy says who is in
  ends_unless_used?: string;
}

/** What questions are about (gateway/view/view.h). */
export type Kind = "goods" | "messages" | "figures" | "gateway";

/** The session of who was in is over, though he did not sign out. */
export const hasEnded = signal(false);

/** Nobody could say who is in: the gateway does not answer. */
export const isUnreachable = signal(false);

/** null: not known yet. A certificate's party is known to the gateway, and may do what its row says. */
export const who = signal<Account | "certificate" | "nobody" | null>(null);

/** When the session will be over soon, that moment; isForGood: also if it is used. */
export const endsSoon = signal<{ at: string; isForGood: boolean } | null>(null);

const AGAIN_MS = 3_000;
const SOON_MS = 120_000; // so long ahead it is told
const LONGEST_MS = 2 ** 31 - 1; // that a timer waits

/* Other tabs of this browser: who is in here is in there. */
const others = typeof BroadcastChannel === "function" ? new BroadcastChannel("clearway") : null;

let next = 0;
let idle = 0; // how long it lasts unused

/* By the gateway's clock, whatever the browser's says. Looks again before it ends, and by that does not use it: meanwhile it may have
 * been used, here or in another tab. */
function watchEnd({ ends = "", ends_unless_used: end = "" }: Account, response: Response): void {
  clearTimeout(next);
  const left = Date.parse(end) - Date.parse(response.headers.get("Date") ?? "");
  if (left >= 0) { // neither is said where a proxy says who is in
    idle = Math.max(idle, left);
    const soon = Math.min(SOON_MS, idle / 4);
    endsSoon.value = left <= soon ? { at: end, isForGood: end === ends } : null;
    next = setTimeout(() => void lookAgain(UNATTENDED), Math.min(left <= soon ? left + AGAIN_MS : left - soon, LONGEST_MS)) as unknown as number;
  }
}

async function isIn(response: Response): Promise<void> {
  heard(response);
  const account = (await response.json()) as Account;
  who.value = account;
  hasEnded.value = false;
  watchEnd(account, response);
}

/** Asks who is signed in, until somebody answers. Where no one can sign in there is no such question: the certificate says who asks. */
export async function learnWho(): Promise<void> {
  const response = await fetch("/v1/session", { headers: headers() }).catch(() => null);
  isUnreachable.value = !response || response.status === 429 || response.status >= 500;
  if (response?.ok) {
    await isIn(response);
  } else if (!isUnreachable.value) {
    who.value = response?.status === 404 ? "certificate" : "nobody";
  } else if (who.value === null) {
    setTimeout(() => void learnWho(), AGAIN_MS);
  }
}

/** The session has ended, or there was none. */
export function signedOut(): void {
  if (who.value !== "certificate") {
    hasEnded.value ||= who.value !== null && who.value !== "nobody";
    isOut();
  }
}

function isOut(): void {
  clearTimeout(next);
  endsSoon.value = null;
  who.value = "nobody";
}

/** When the stream of events was cut, and when another tab says so: the session may have ended, or be another's by now, of whom
 *  nothing here is; and who waits for somebody to sign in is in once that was done elsewhere. A gateway that is away says nothing. */
export async function lookAgain(says: Record<string, string> = {}): Promise<void> {
  const was = who.value;
  if (was === "nobody") {
    return learnWho();
  }
  if (typeof was !== "object" || was === null) {
    return;
  }
  const response = await fetch("/v1/session", { headers: { ...headers(), ...says } }).catch(() => null);
  if (response?.status === 401) {
    signedOut();
  } else if (response?.ok) {
    const account = (await response.json()) as Account;
    if (account.account !== was.account) {
      location.reload();
    }
    watchEnd(account, response);
  }
}

/** Keeps to what happens elsewhere, and keeps the session while somebody is there. */
export function watchSession(): void {
  others?.addEventListener("message", () => void lookAgain());
  document.addEventListener("visibilitychange", () => { // also where no tab can tell another
    if (!document.hidden && who.value === "nobody") {
      void learnWho();
    }
  });
  whenBack(() => void lookAgain());
}

/* What somebody has begun to write, by what it is; and who. */
const begun = new Map<string, unknown>();
let writer = "";

/** What is being written, which its view does not keep: it is still there when its writer comes back, from another view or because his
 *  session ended in the middle of it. Gone when he signs out, and for whoever else comes in. */
export function keptWriting<T>(what: string, fresh: () => T): T {
  const one = who.value;
  const account = one !== null && typeof one === "object" ? one.account : String(one);
  if (account !== writer) {
    begun.clear();
    writer = account;
  }
  if (!begun.has(what)) {
    begun.set(what, fresh());
  }
  return begun.get(what) as T;
}

/** null: one is signed in. */
export async function signIn(account: string, password: string): Promise<Problem | null> {
  const response = await fetch("/v1/session", {
    method: "POST",
    headers: { ...headers(), "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ account, password }).toString(),
  }).catch(() => null);
  if (!response) {
    return UNREACHABLE;
  }
  if (!response.ok) {
    return problemOf(response);
  }
  await isIn(response);
  others?.postMessage("in");
  return null;
}

/** false: he is in still, since nobody could be told. */
export async function signOut(): Promise<boolean> {
  const response = await fetch("/v1/session", { method: "DELETE", headers: headers() }).catch(() => null);
  if (response?.ok || response?.status === 401) {
    isOut();
    begun.clear();
    hasEnded.value = false;
    others?.postMessage("out");
  }
  return who.value === "nobody";
}

/** What a view needs of who looks: to see things of some kind, all of them where it says so, or that he hands messages over. */
export interface Needs {
  kind?: Kind;
  all?: boolean;
  sends?: boolean;
}

/** Whether a view is for who looks; the gateway decides of each answer all the same. */
export function isFor({ kind, all, sends }: Needs): boolean {
  const one = who.value;
  if (one === null || one === "nobody" || one === "certificate") {
    return one === "certificate";
  }
  const sees = kind ? one.sees[kind] : "all";
  return (all ? sees === "all" : sees !== "none") && (!sends || one.sends);
}

/** Whether a question is for who looks that is answered to these roles. */
export function isAnswered(roles: readonly string[]): boolean {
  const one = who.value;
  return one === "certificate" || (one !== null && one !== "nobody" && roles.includes(one.role));
}

/** Who looks books inspections and complains of charges. */
export function isDeclarant(): boolean {
  return isAnswered(["forwarder"]);
}

/* Whose steps each role makes (`by` in schemas/segments). */
const SIDES: Record<string, readonly string[]> = {
  forwarder: ["declarant", "consignee"], terminal: ["terminal"], carrier: ["carrier"], inspector: ["customs"],
};

/** Who looks is that side himself. */
export function isSide(side: string): boolean {
  const one = who.value;
  return one !== null && typeof one === "object" && (SIDES[one.role]?.includes(side) ?? false);
}
