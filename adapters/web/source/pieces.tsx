// pieces.tsx - what several views are made of.
import type { ComponentChildren } from "preact";
import { signal, useSignal } from "@preact/signals";
import { useEffect, useId, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { ask, Question, type Answer } from "./ask";
import { listen } from "./live";
import type { Moved } from "./stream";
import { about, codePage, go, language, link } from "./place";
import type { Finding, Problem } from "./problem";
import { named, said, text, type TextName } from "./texts";
import { moment } from "./time";

const SOON_MS = 300; // a burst of events is one question
const AGAIN_MS = 3_000;

/* A gateway that is away, catches up or has too much to do will answer later. */
function passes(problem: Problem | null): boolean {
  return problem !== null && (problem.status === 0 || problem.status === 429 || problem.status >= 500);
}

/** The answer to that question, asked when the view opens, the question changes or the language does, when it could not be
 *  answered for now, and whenever an event for which movedBy() is true comes, by so much later; without it never by itself. */
export function useAnswer<T>(path: string, movedBy?: (subject: string, moved: Moved) => boolean, pace = SOON_MS): [Answer<T>, () => void] {
  const question = useMemo(() => new Question<T>(path), [path, language.value]);
  useEffect(() => {
    void question.ask();
    let next = 0;
    const later = (wait: number) => {
      if (!next) {
        next = setTimeout(() => { next = 0; void question.ask(); }, wait) as unknown as number;
      }
    };
    const left = movedBy && listen((moved) => {
      if (!moved || (!moved.subject && !moved.question) || movedBy(moved.subject, moved)) {
        later(pace);
      }
    });
    const end = question.answer.subscribe((answer) => {
      if (!answer.isAsking && passes(answer.problem)) {
        later(AGAIN_MS);
      }
    });
    return () => {
      left?.();
      end();
      clearTimeout(next);
      question.leave();
    };
  }, [question]);
  return [question.answer.value, () => void question.ask()];
}

/** What the view is about stands in the title of the window, so that tabs, bookmarks and the way back tell one from another. */
export function useAbout(what: string): void {
  useEffect(() => {
    about.value = what;
    return () => { about.value = ""; };
  }, [what]);
}

export function Trouble({ problem, again }: { problem: Problem; again?: () => void }) {
  const missing = problem.status === 404;
  return (
    <div class={missing ? "note" : "note bad"} role="alert">
      {missing ? text("not_found") : text("failed") + (problem.status === 0 ? text("unreachable") : problem.detail || problem.title)}
      {again && !missing && <button onClick={again}>{text("again")}</button>}
    </div>
  );
}

/** Draws an answer in each of its states. */
export function Answered<T>({ answer, again, children }:
                            { answer: Answer<T>; again: () => void; children: (data: T) => ComponentChildren }) {
  if (!answer.data) {
    return answer.problem ? <Trouble problem={answer.problem} again={again} />
                          : <p class="note" role="status">{text("loading")}</p>;
  }
  return (
    <>
      {answer.problem && (
        <div class="note bad" role="alert">
          {text("stale", moment(answer.at!))} <button onClick={again}>{text("again")}</button>
        </div>
      )}
      {children(answer.data)}
    </>
  );
}

export function Findings({ findings }: { findings: Finding[] }) {
  return (
    <ul class="findings">
      {findings.map((finding) => (
        <li class={finding.severity}>
          <a href={codePage(finding.code)}><code>{finding.code}</code></a>
          {finding.line > 0 && <span class="faint"> {finding.line}:{finding.column}</span>} {said(finding, "text")}
          {said(finding, "hint") && <div class="hint">{said(finding, "hint")}</div>}
          {finding.path && <div class="faint"><code>{finding.path}</code></div>}
        </li>
      ))}
    </ul>
  );
}

/** A form that leads to what is named in it: a place behind that path. */
export function LookUp({ label, value, path, longest }: { label: string; value: string; path: string; longest: number }) {
  const typed = useSignal(value);
  return (
    <form class="search" onSubmit={(event) => {
      event.preventDefault();
      go(link(path + "/" + encodeURIComponent(typed.value.trim())));
    }}>
      <input aria-label={label} placeholder={label} value={typed.value} maxLength={longest}
             onInput={(event) => { typed.value = event.currentTarget.value; }} />
      <button type="submit">{text("show")}</button>
    </form>
  );
}

/* Code lists by language and name, each asked for once. */
const lists = signal<Record<string, Record<string, string>>>({});

/** What the codes of that list are called; until that is known, and where the list has no such code, the code itself. */
export function useNames(list: string): (code: string) => string {
  const key = `${language.value}/${list}`;
  useEffect(() => {
    if (!lists.value[key]) {
      ask<{ codes: { code: string; zh: string; en: string }[] }>("codes/" + list).then(({ codes }) => {
        lists.value = { ...lists.value, [key]: Object.fromEntries(codes.map((each) => [each.code, named(each)])) };
      }, () => undefined); // then codes stand there
    }
  }, [key]);
  return (code) => lists.value[key]?.[code] || code;
}

/** Views of one thing, of which one is shown; from one to the next by the arrow keys. */
export function Tabs<Name extends TextName>({ label, names, chosen, choose, children }: {
  label: string; names: readonly Name[]; chosen: Name; choose: (name: Name) => void; children: ComponentChildren;
}) {
  const id = useId();
  const moved = (event: KeyboardEvent & { currentTarget: HTMLElement }) => {
    const step = ({ ArrowRight: 1, ArrowLeft: -1 } as Record<string, number>)[event.key];
    if (step) {
      const next = (names.indexOf(chosen) + step + names.length) % names.length;
      event.preventDefault();
      event.currentTarget.querySelectorAll("button")[next]?.focus();
      choose(names[next]!);
    }
  };
  return (
    <>
      <div class="tabs" role="tablist" aria-label={label} onKeyDown={moved}>
        {names.map((each) => (
          <button role="tab" type="button" aria-selected={chosen === each} aria-controls={id} tabIndex={chosen === each ? 0 : -1}
                  onClick={() => choose(each)}>{text(each)}</button>
        ))}
      </div>
      <div id={id} role="tabpanel" aria-label={text(chosen)}>{children}</div>
    </>
  );
}

/** A table. On a narrow screen each row stands by itself, each value behind the name of its column; one that is read down as well as
 *  across (isMatrix) scrolls instead. */
export function Table({ label, heads, children, isMatrix = false }:
                      { label: string; heads: string[]; children: ComponentChildren; isMatrix?: boolean }) {
  const place = useRef<HTMLTableElement>(null);
  useLayoutEffect(() => {
    for (const row of Array.from(place.current!.tBodies[0]!.rows)) {
      let column = 0;
      for (const cell of Array.from(row.cells)) {
        if (cell.colSpan === 1) {
          cell.dataset.label = heads[column] ?? "";
        }
        column += cell.colSpan;
      }
    }
  });
  return (
    <div class={isMatrix ? "scroll" : "scroll stack"} tabIndex={0} role="region" aria-label={label}>
      <table ref={place}>
        <thead><tr>{heads.map((head) => <th scope="col">{head}</th>)}</tr></thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
