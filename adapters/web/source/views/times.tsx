// times.tsx - the monthly review 通关时效会商: the published figure and what it is held against, the segments, the groups, who
// holds the slowest, and how good the data are. Each chart stands above the table that says the same.
import { useEffect, useRef } from "preact/hooks";
import { asked, go, link } from "../place";
import { named, side, text, type TextName } from "../texts";
import { Answered, Table, useAnswer } from "../pieces";
import { hours, lastMonth } from "../time";
import type { Direction, Group, Report } from "./answers";
import type { Bars } from "./chart";

const DIMENSIONS: Record<string, TextName> = {
  "": "none", mode: "of_mode", port: "of_port", transport: "of_transport", inspected: "of_inspected", terminal: "of_terminal",
};

/** The library that draws comes when there is something to draw. */
function Chart({ label, bars }: { label: string; bars: Bars }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let end = () => {};
    let left = false;
    void import("./chart").then(({ draw }) => {
      if (!left && place.current) {
        end = draw(place.current, bars);
      }
    });
    return () => { left = true; end(); };
  }, [JSON.stringify(bars)]);
  return <div class="chart" ref={place} role="img" aria-label={label} />;
}

function percent(change: number | undefined): string {
  return change === undefined ? "–" : (change > 0 ? "+" : "") + (change * 100).toFixed(1) + " %";
}

function Against({ name, change }: { name: string; change: number | undefined }) {
  return <div><span class="label">{name}</span><b class={change === undefined ? "" : change < 0 ? "good" : "worse"}>{percent(change)}</b></div>;
}

function Overall({ of }: { of: Direction }) {
  const overall = of.overall;
  if (!overall) {
    return null;
  }
  return (
    <div class="headline">
      <div><span class="label">{text("overall")} {text("mean")}</span><b>{hours(overall.mean)}</b> <span class="faint">{text("hours")}</span></div>
      <div><span class="label">{text("median")}</span><b>{hours(overall.median)}</b></div>
      <div><span class="label">{text("p90")}</span><b>{hours(overall.p90)}</b></div>
      <div><span class="label">{text("n")}</span><b>{overall.n}</b></div>
      {overall.previous && <Against name={text("previous")} change={overall.previous.change} />}
      {overall.previous_year && <Against name={text("previous_year")} change={overall.previous_year.change} />}
      {overall.base && <Against name={text("base", overall.base.year)} change={overall.base.change} />}
    </div>
  );
}

/* The chain's segments of each group, so that they add up: monotone times (schemas/segments). */
function barsOf(groups: Group[]): Bars {
  const chained = groups[0]?.segments.filter((segment) => segment.clamped?.share !== undefined) ?? [];
  return {
    rows: groups.map((group) => group.value ?? text("whole")),
    series: chained.map((segment) => ({
      name: named(segment),
      hours: groups.map((group) => (group.segments.find((each) => each.name === segment.name)?.clamped?.mean ?? 0) / 3600),
    })),
  };
}

function Segments({ groups }: { groups: Group[] }) {
  return (
    <Table label={text("segment")} heads={[text("by"), text("segment"), text("n"), text("mean"), text("median"), text("p90")]}>
      {groups.flatMap((group) => group.segments.map((segment) => (
        <tr>
          <td>{group.value ?? text("whole")}</td>
          <th scope="row">{named(segment)}</th>
          <td class="figure">{segment.available.n}</td>
          <td class="figure">{hours(segment.available.mean)}</td>
          <td class="figure">{hours(segment.available.median)}</td>
          <td class="figure">{hours(segment.available.p90)}</td>
        </tr>
      )))}
    </Table>
  );
}

function Quality({ of }: { of: Direction }) {
  return (
    <>
      {of.slowest && of.slowest.n > 0 && (
        <>
          <h3>{text("slowest")}</h3>
          <Table label={text("slowest_held")} heads={[text("slowest_held"), text("who_acts"), text("n")]}>
            {of.slowest.held_by.map((held) => <tr><td>{held.from} → {held.to}</td><td>{side(held.side)}</td><td class="figure">{held.n}</td></tr>)}
          </Table>
        </>
      )}
      <h3>{text("quality")}</h3>
      <Table label={text("quality")} heads={["", "", text("n")]}>
        {of.excluded?.map((mark) => <tr><td>{text("excluded")}</td><td>{named(mark)}</td><td class="figure">{mark.n}</td></tr>)}
        {of.doubted?.map((mark) => <tr><td>{text("doubted")}</td><td>{named(mark)}</td><td class="figure">{mark.n}</td></tr>)}
        {of.coverage?.map((each) => (
          <tr><td>{text("missing")}</td><td>{each.milestone} <span class="faint">{text("told_by")} {each.told_by.join(", ")}</span></td>
            <td class="figure">{each.missing}</td></tr>
        ))}
      </Table>
    </>
  );
}

function OneDirection({ name, of }: { name: "import" | "export"; of: Direction }) {
  const groups = of.groups?.length ? [...of.groups, of] : [of];
  return (
    <section>
      <h2>{text(name)}</h2>
      <Overall of={of} />
      <Chart label={text(name)} bars={barsOf(groups)} />
      <Segments groups={groups} />
      <Quality of={of} />
    </section>
  );
}

export function Times() {
  const month = asked("month") || lastMonth();
  const by = asked("by");
  const [answer, again] = useAnswer<Report>("report?" + new URLSearchParams({ month, ...(by ? { by } : {}) }));
  return (
    <>
      <h1>{text("times")}</h1>
      <form class="choices">
        <label>{text("month")} <input type="month" value={month} onChange={(event) => {
          go(link("/times", { month: event.currentTarget.value, by }));
        }} /></label>
        <label>{text("by")} <select value={by} onChange={(event) => { go(link("/times", { month, by: event.currentTarget.value })); }}>
          {Object.entries(DIMENSIONS).map(([value, name]) => <option value={value}>{text(name)}</option>)}
        </select></label>
        <button type="button" class="screen-only" onClick={() => print()}>{text("print")}</button>
      </form>
      {answer.problem?.status === 404 && !answer.data ? <p class="note">{text("no_month")}</p> : (
        <Answered answer={answer} again={again}>
          {(data) => (
            <>
              {data.import && <OneDirection name="import" of={data.import} />}
              {data.export && <OneDirection name="export" of={data.export} />}
              <p class="faint">{data.period.from}–{data.period.to}</p>
            </>
          )}
        </Answered>
      )}
    </>
  );
}
