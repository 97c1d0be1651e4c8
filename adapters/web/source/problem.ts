// problem.ts - what every request to the gateway says of itself, and what a refusal says.
import { attendance } from "./person";
import { language } from "./place";

/** RFC 9457, with what Clearway says besides (/docs). */
export interface Problem {
  status: number;
  code: string;
  title: string;
  detail: string;
  type?: string;
  errors?: Finding[];
}

export interface Finding {
  code: string;
  severity: string;
  line: number;
  column: number;
  path: string;
  text: string;
  hint: string;
}

/** JSON of which every character is seen: what is not would hide, or turn around what stands beside it. As on a terminal. */
export function parsed<T>(json: string): T {
  return JSON.parse(json.replace(/\p{Cf}/gu, "\ufffd")) as T;
}

/** Nobody answered. What a browser says of that is in its own language, and no help. */
export const UNREACHABLE: Problem = { status: 0, code: "unreachable", title: "", detail: "" };

export async function problemOf(response: Response): Promise<Problem> {
  try {
    const body = parsed<Problem>(await response.text());
    return { ...body, status: response.status };
  } catch {
    return { status: response.status, code: "", title: "", detail: response.statusText || String(response.status) };
  }
}

export function headers(): Record<string, string> {
  return { "Accept-Language": language.value, Accept: "application/json", ...attendance() };
}
