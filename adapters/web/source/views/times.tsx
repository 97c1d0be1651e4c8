// times.tsx - the monthly review 通关时效会商: which days, which direction, in which groups, against what. All of that stands in
// the URL; review.tsx draws what is answered.
import { useSignal } from "@preact/signals";
import { asked, go, language, link } from "../place";
import { text, type TextName } from "../texts";
import { Answered, useAnswer } from "../pieces";
import { lastMonth } from "../time";
import type { Report } from "./answers";
import { dimensionName, periodOf, Review } from "./review";

declare const REPORT: string; // the file that draws a report by itself, without one (document.html)

const DIRECTIONS: Record<string, TextName> = { "": "both", import: "import", export: "export" };
const COMPARISONS: Record<string, TextName> = {
  "": "compare_previous", previous_year: "compare_previous_year", snapshot: "compare_snapshot", none: "compare_none",
};
const UNITS: Record<string, TextName> = { "": "unit_declaration", container: "unit_container", teu: "unit_teu" };

/* Which days: a month, or from one to another, or those of a snapshot. */
const DAYS = ["month", "from", "to", "snapshot"] as const;
const OTHERS = ["direction", "by", "compare", "unit", "as-of", "definition"] as const;

/* A large port releases something each second, and a report is work. */
const PACE_MS = 20_000;

type Chosen = Record<string, string>;

function chosenNow(): Chosen {
  return Object.fromEntries([...DAYS, ...OTHERS].map((name) => [name, asked(name)]));
}

/** A link to the same review with other values; days that are named take the place of those that were. */
function changed(chosen: Chosen, values: Chosen): string {
  const others = Object.fromEntries(OTHERS.map((name) => [name, chosen[name] ?? ""]));
  const namesDays = DAYS.some((name) => name in values);
  const days = namesDays ? {} : Object.fromEntries(DAYS.map((name) => [name, chosen[name] ?? ""]));
  return link("/times", { ...days, ...others, ...values });
}

/* What is asked of the gateway: the direction is drawn only. */
function questionOf(chosen: Chosen): string {
  const { direction, compare, ...rest } = chosen;
  const query = new URLSearchParams();
  const values: Chosen = { ...rest, compare: compare === "none" ? "" : compare || "previous" };
  if (!values.snapshot && !values.from) {
    values.month ||= lastMonth();
  }
  for (const [name, value] of Object.entries(values)) {
    if (value) {
      query.set(name, value);
    }
  }
  return "report?" + query;
}

/* Whether that month is among what is shown: a snapshot stays as it is. */
function isShown({ month, from, to, snapshot }: Chosen, moved: string): boolean {
  return !snapshot && (from ? from.slice(0, 7) <= moved && moved <= (to || moved).slice(0, 7) : moved === (month || lastMonth()));
}

function Choice({ label, value, options, to }:
                { label: string; value: string; options: [string, string][]; to: (value: string) => string }) {
  return (
    <label>{label} <select value={value} onChange={(event) => go(to(event.currentTarget.value))}>
      {options.map(([each, name]) => <option value={each}>{name}</option>)}
    </select></label>
  );
}

function wordsOf(list: Record<string, TextName>): [string, string][] {
  return Object.entries(list).map(([value, name]) => [value, text(name)]);
}

/* The last day of that month. */
function endOf(month: string): string {
  const [year, number] = month.split("-").map(Number);
  return new Date(Date.UTC(year!, number!, 0)).toISOString().slice(0, 10);
}

function Days({ chosen, month }: { chosen: Chosen; month: string }) {
  const pick = (name: string, type: "date" | "month", label: string, value: string, others: Chosen) => (
    <label>{label} <input type={type} name={name} required value={value} onChange={(event) => {
      if (event.currentTarget.value) {
        go(changed(chosen, { ...others, [name]: event.currentTarget.value }));
      }
    }} /></label>
  );
  const { from = "", to = "" } = chosen;
  return (
    <>
      <Choice label={text("period")} value={from ? "days" : "month"} options={[["month", text("of_month")], ["days", text("of_days")]]}
              to={(value) => changed(chosen, value === "month" ? { month: from.slice(0, 7) || month } : { from: month + "-01", to: endOf(month) })} />
      {from ? <>{pick("from", "date", text("first_day"), from, { to })}{pick("to", "date", text("last_day"), to, { from })}</>
            : pick("month", "month", text("month"), month, {})}
    </>
  );
}

/* The dimensions of the definition are known with the first answer; till then there is the one that is asked for. */
let known: Report["dimensions"] = [];

/* The same file as `clearway report --format html` writes (document.c). False: it could not be had. */
async function save(report: Report, at: Date): Promise<boolean> {
  const page = await fetch(REPORT).then((response) => (response.ok ? response.text() : ""), () => "");
  if (page) {
    const answer = JSON.stringify({ at: at.toISOString(), answer: report }).replace(/</g, "\\u003c");
    const file = page.replace("LANGUAGE", () => language.value).replace("ANSWER", () => answer);
    const anchor = document.createElement("a");
    anchor.href = URL.createObjectURL(new Blob([file], { type: "text/html" }));
    anchor.download = `${text("times")} ${periodOf(report)}.html`;
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(anchor.href), 60_000);
  }
  return page !== "";
}

function Save({ report, at }: { report: Report; at: Date }) {
  const hasFailed = useSignal(false);
  return (
    <>
      <button type="button" onClick={() => void save(report, at).then((isSaved) => { hasFailed.value = !isSaved; })}>{text("save_file")}</button>
      {hasFailed.value && <span class="objection" role="alert">{text("failed")}{text("unreachable_now")}</span>}
    </>
  );
}

function Choices({ chosen, data, at }: { chosen: Chosen; data: Report | null; at: Date | null }) {
  known = data?.dimensions ?? known;
  const by = chosen.by!;
  const dimensions: [string, string][] = known.map((each) => [each.by, dimensionName(each.by, each)]);
  if (by && !dimensions.some(([each]) => each === by)) {
    dimensions.push([by, by]);
  }
  const choice = (name: string, label: TextName, options: [string, string][]) => (
    <Choice label={text(label)} value={chosen[name]!} options={options} to={(value) => changed(chosen, { [name]: value })} />
  );
  return (
    <form class="choices screen-only" onSubmit={(event) => event.preventDefault()}>
      <Days chosen={chosen} month={chosen.month || data?.period.month || lastMonth()} />
      {choice("direction", "direction", wordsOf(DIRECTIONS))}
      {choice("by", "by", [["", text("none")], ...dimensions])}
      {choice("compare", "compared", wordsOf(COMPARISONS))}
      {choice("unit", "counted", wordsOf(UNITS))}
      <span class="choices">
        <button type="button" onClick={() => print()}>{text("print")}</button>
        {data && <Save report={data} at={at!} />}
      </span>
    </form>
  );
}

export function Times() {
  const chosen = chosenNow();
  const [answer, again] = useAnswer<Report>(questionOf(chosen), (_, { question, month }) => question === "report" && isShown(chosen, month), PACE_MS);
  const { data } = answer;
  return (
    <>
      <h1>{text("times")}</h1>
      <Choices chosen={chosen} data={data} at={answer.at} />
      {data && chosen.snapshot && data.period.month && <p class="screen-only"><a href={changed(chosen, { month: data.period.month })}>{text("as_it_stands")}</a></p>}
      {answer.problem?.status === 404 && !data ? <p class="note">{text("no_month")}</p> : (
        <Answered answer={answer} again={again}>
          {(report) => <Review data={report} at={answer.at!} direction={chosen.direction!} link={(snapshot) => changed(chosen, { snapshot: String(snapshot) })} />}
        </Answered>
      )}
    </>
  );
}
