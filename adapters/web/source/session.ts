// session.ts - who looks at the page: an account that is signed in, a browser with a party's certificate, or nobody yet.
import { signal } from "@preact/signals";
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
}

/** What questions are about (gateway/view/view.h). */
export type Kind = "goods" | "messages" | "figures" | "gateway";

/** The session of who was in is over, though he did not sign out. */
export const hasEnded = signal(false);

/** Nobody could say who is in: the gateway does not answer. */
export const isUnreachable = signal(false);

/** null: not known yet. A certificate's party is known to the gateway, and may do what its row says. */
export const who = signal<Account | "certificate" | "nobody" | null>(null);

const AGAIN_MS = 3_000;

/** Asks who is signed in, until somebody answers. Where no one can sign in there is no such question: the certificate says who asks. */
export async function learnWho(): Promise<void> {
  const response = await fetch("/v1/session", { headers: headers() }).catch(() => null);
  isUnreachable.value = !response || response.status === 429 || response.status >= 500;
  if (response?.ok) {
    who.value = (await response.json()) as Account;
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
    who.value = "nobody";
  }
}

/** When the stream of events was cut: the session may have ended, or be another's by now, of whom nothing here is. A gateway that
 *  is away says nothing. */
export async function lookAgain(): Promise<void> {
  const was = who.value;
  if (typeof was !== "object" || was === null) {
    return;
  }
  const response = await fetch("/v1/session", { headers: headers() }).catch(() => null);
  if (response?.status === 401) {
    signedOut();
  } else if (response?.ok && ((await response.json()) as Account).account !== was.account) {
    location.reload();
  }
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
  who.value = (await response.json()) as Account;
  hasEnded.value = false;
  return null;
}

/** false: he is in still, since nobody could be told. */
export async function signOut(): Promise<boolean> {
  const response = await fetch("/v1/session", { method: "DELETE", headers: headers() }).catch(() => null);
  if (response?.ok || response?.status === 401) {
    who.value = "nobody";
    hasEnded.value = false;
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
