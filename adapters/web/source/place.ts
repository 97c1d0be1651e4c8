// place.ts - where in the page one is: the path, what is asked, and the language. All of it stands in the URL, so that
// whatever is seen can be sent to somebody else. Links are ordinary links; a click on one changes the place without
// loading the page anew.
import { computed, signal } from "@preact/signals";

const url = signal(new URL(location.href));

/** What the view of now is about (a bill of lading): for the title of the window. */
export const about = signal("");

/* The language when the URL says none: Chinese, or what a file that was written in another says of itself. */
const unsaid = document.documentElement.dataset.language === "en" ? "en" : "zh";

export const path = computed(() => url.value.pathname);
export const language = computed<"zh" | "en">(() => {
  const said = url.value.searchParams.get("lang");
  return said === "en" || said === "zh" ? said : unsaid;
});

/** What stands behind ?NAME=, or "". */
export function asked(name: string): string {
  return url.value.searchParams.get(name) ?? "";
}

/** What a part of a path says; as it stands there where that is no text. */
export function spelled(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** "?a=1&b=2", or "" where nothing is asked. */
export function asQuery(query: URLSearchParams): string {
  const words = String(query);
  return words && "?" + words;
}

/** A link to that path, with these values asked for, in the language of now. */
export function link(to: string, values: Record<string, string> = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value) {
      query.set(name, value);
    }
  }
  if (language.value !== unsaid) {
    query.set("lang", language.value);
  }
  return to + asQuery(query);
}

/** The gateway's own page about a code, of a problem or a finding, in the language of now. */
export function codePage(code: string): string {
  return `/problems/${encodeURIComponent(code)}?lang=${language.value}`;
}

export function go(to: string): void {
  history.pushState(null, "", to);
  url.value = new URL(location.href);
}

/** The same place in the other language. */
export function otherLanguage(): string {
  const other = new URL(url.value);
  const to = language.value === "zh" ? "en" : "zh";
  if (to === unsaid) {
    other.searchParams.delete("lang");
  } else {
    other.searchParams.set("lang", to);
  }
  return other.pathname + other.search;
}

function clicked(event: MouseEvent): void {
  const anchor = (event.target as Element).closest?.("a");
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (anchor && plain && anchor.origin === location.origin && !anchor.target && !anchor.hasAttribute("download")
      && !/^\/(v1|docs|problems|openapi)/.test(anchor.pathname)) {
    event.preventDefault();
    const isAnother = anchor.pathname !== location.pathname;
    go(anchor.pathname + anchor.search);
    if (isAnother) { // who goes by keyboard, or listens, goes on where the new view begins
      document.getElementById("content")?.focus();
      scrollTo(0, 0);
    }
  }
}

export function follow(): void {
  addEventListener("popstate", () => { url.value = new URL(location.href); });
  document.addEventListener("click", clicked);
}
