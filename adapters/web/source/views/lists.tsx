// lists.tsx - every list of the gateway as a table with its filters, drawn from its description (described.ts): calls of
// vessels, pick-ups, waivers, lots, certificates, complaints, ratings, alerts and what else there is.
import { signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { ask } from "../ask";
import type { Problem } from "../problem";
import { asked, go, language, link } from "../place";
import { isAnswered } from "../session";
import { text } from "../texts";
import { Answered, Table, Trouble, useAbout, useAnswer } from "../pieces";
import { moment } from "../time";
import { describedLists, type Column, type List } from "./described";

type Row = Record<string, unknown>;

const ROWS = 100; // of a page

/* One description for each language, asked for once. */
const known = signal<Record<string, List[]>>({});

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
const GOODS = /^[A-Z]{5}\/(.+)$/; // a subject: port and bill of lading

function Cell({ row, column }: { row: Row; column: Column }) {
  const value = row[column.isNamed ? `${column.name}_${language.value}` : column.name] ?? "";
  const words = String(value);
  const goods = GOODS.exec(words);
  if (goods) {
    return <td><a href={link("/track/" + encodeURIComponent(goods[1]!))}>{goods[1]}</a></td>;
  }
  const isLong = words.length > 24 && !MOMENT.test(words);
  return <td class={column.isFigure ? "figure" : isLong ? "words" : undefined}>{MOMENT.test(words) ? moment(words) : words}</td>;
}

function Filters({ of }: { of: List }) {
  const change = (name: string, value: string) => {
    go(link("/lists/" + of.name, Object.fromEntries(of.filters.map((each) => [each.name, each.name === name ? value : asked(each.name)]))));
  };
  return (
    <form class="choices" onSubmit={(event) => event.preventDefault()}>
      {of.filters.map((filter) => (
        <label key={filter.name} title={filter.title} class={asked(filter.name) ? undefined : "screen-only"}>{filter.head}{" "}
          {filter.choices.length > 0 ? (
            <select value={asked(filter.name)} onChange={(event) => change(filter.name, event.currentTarget.value)}>
              <option value="">{filter.otherwise || text("everything")}</option>
              {filter.choices.map((choice) => <option value={choice.value}>{choice.words}</option>)}
            </select>
          ) : (
            <input type={filter.input as "text"} value={asked(filter.name)} placeholder={filter.otherwise} maxLength={80} size={14} onChange={(event) => change(filter.name, event.currentTarget.value.trim())} />
          )}
        </label>
      ))}
    </form>
  );
}

/** The first page, which is asked for anew as events come, and then as many behind it as were asked for; until those are there,
 * the old ones stay. */
export function Pages({ of, query, first, children }: { of: Pick<List, "name" | "member">; query: URLSearchParams; first: Row; children: (rows: Row[]) => ComponentChildren }) {
  const behind = useSignal({ rows: [] as Row[], next: first.next, pages: 0 });
  const problem = useSignal<Problem | null>(null);
  const newest = useRef(first);
  newest.current = first;
  const fetchPages = async (wanted: number, kept: { rows: Row[]; next: unknown; pages: number }) => {
    let { rows, next, pages } = kept;
    problem.value = null;
    try {
      for (; pages < wanted && typeof next === "string"; pages++) {
        const page = await ask<Row>(of.name + "?" + new URLSearchParams([...query, ["after", next]]));
        rows = [...rows, ...(page[of.member] as Row[])];
        next = page.next;
      }
      if (newest.current === first) {
        behind.value = { rows, next, pages: wanted };
      }
    } catch (reason) {
      problem.value = reason as Problem;
    }
  };
  useEffect(() => { void fetchPages(behind.value.pages, { rows: [], next: first.next, pages: 0 }); }, [first]);
  const more = () => void fetchPages(behind.value.pages + 1, behind.value);
  return (
    <>
      {children([...(first[of.member] as Row[]), ...behind.value.rows])}
      {problem.value && <Trouble problem={problem.value} again={more} />}
      {typeof behind.value.next === "string" && !problem.value && <p><button type="button" onClick={more}>{text("more_rows")}</button></p>}
    </>
  );
}

function One({ of }: { of: List }) {
  useAbout(titled(of.title)[0]);
  const query = new URLSearchParams();
  for (const filter of of.filters) {
    if (asked(filter.name)) {
      query.set(filter.name, asked(filter.name));
    }
  }
  query.set("limit", String(ROWS));
  const [answer, again] = useAnswer<Row>(of.name + "?" + query, (_, { question }) => !question || question === of.name);
  return (
    <>
      <h1>{titled(of.title)[0]} <span class="faint">{titled(of.title)[1]}</span></h1>
      <Filters of={of} />
      <Answered answer={answer} again={again}>
        {(data) => (
          <Pages of={of} query={query} first={data}>
            {(rows) => rows.length === 0 ? <p class="note">{text("no_rows")}</p> : (
              <Table label={of.title} heads={of.columns.map((column) => column.head)}>
                {rows.map((row) => <tr>{of.columns.map((column) => <Cell row={row} column={column} />)}</tr>)}
              </Table>
            )}
          </Pages>
        )}
      </Answered>
    </>
  );
}

/* "pick-ups: their tokens, ..." is called by its first words. */
function titled(title: string): [string, string] {
  const [, name = title, rest = ""] = /^(.+?)(?:：|: )(.*)$/.exec(title) ?? [];
  return [name, rest];
}

function Index({ lists }: { lists: List[] }) {
  const named = lists.filter((each) => isAnswered(each.roles)).map((each) => ({ each, words: titled(each.title) }));
  return (
    <>
      <h1>{text("lists")}</h1>
      <ul class="plain index">
        {named.map(({ each, words: [name, rest] }) => (
          <li><a href={link("/lists/" + each.name)}>{name}</a>{rest && <div class="faint">{rest}</div>}</li>
        ))}
      </ul>
    </>
  );
}

export function Lists({ name }: { name: string }) {
  const problem = useSignal<Problem | null>(null);
  const lists = known.value[language.value];
  const look = () => {
    problem.value = null;
    const asking = language.value;
    describedLists().then((all) => { known.value = { ...known.value, [asking]: all }; }, (reason) => { problem.value = reason as Problem; });
  };
  useEffect(() => { if (!lists) { look(); } }, [language.value]);
  if (!lists) {
    return problem.value ? <Trouble problem={problem.value} again={look} /> : <p class="note" role="status">{text("loading")}</p>;
  }
  const one = lists.find((each) => each.name === name);
  return one ? <One key={name} of={one} /> : <Index lists={lists} />;
}
