// review.tsx - one report 通关时效 as a port office holds its monthly review on it: the published figure and what it is held
// against, the segments, the groups, why it changed, who holds the slowest, and how good the data are. Each chart stands beside
// the table that says the same, with n and how far the data go. It asks nothing: the page (times.tsx) and the file that
// `clearway report --format html` writes (report.tsx) are drawn by it.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { named, side, text, type TextName } from "../texts";
import { dated, hours, moreHours } from "../time";
import type { Against, Change, Compared, Direction, Group, Overall, Owner, Report, Segment } from "./answers";
import type { Drawing } from "./chart";

const HOUR = 3_600;
const BESIDE_MAX = 8, NARROW_MAX = 5; // columns of a table for which there is room beside a chart: on a screen, and on paper

// --- pieces ---------------------------------------------------------------------------------------------------------

/** A word of the list that is named so, or the name itself. */
function word(list: Record<string, TextName>, name: string): string {
  return name in list ? text(list[name]!) : name;
}

const DIMENSIONS: Record<string, TextName> = {
  office: "of_office", mode: "of_mode", port: "of_port", step: "of_step", advance: "of_advance", transport: "of_transport",
  inspected: "of_inspected", terminal: "of_terminal", aeo: "of_aeo", commodity: "of_commodity",
};

/** What a dimension is called: in short where the page has a word, else as the definition calls it. */
export function dimensionName(by: string, of: object, name = ""): string {
  return by in DIMENSIONS ? text(DIMENSIONS[by]!) : named(of, name) || by;
}

/** What n counts. */
function counted(unit: string): string {
  return word({ declaration: "n", container: "n_container", teu: "n_teu" }, unit);
}

const COMPARED: Record<string, TextName> = {
  previous: "compare_previous", previous_year: "compare_previous_year", snapshot: "compare_snapshot",
};

function percent(share: number | undefined): string {
  return share === undefined ? "–" : (share < 0 ? "−" : "") + Math.abs(share * 100).toFixed(1) + "\u00a0%"; // one word
}

/** The library that draws comes when there is something to draw. */
function Chart({ label, drawing }: { label: string; drawing: Drawing }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let end = () => {};
    let left = false;
    void import("./chart").then(({ draw }) => {
      if (!left && place.current) {
        end = draw(place.current, drawing);
      }
    });
    return () => { left = true; end(); };
  }, [JSON.stringify(drawing)]);
  return <div class="chart" ref={place} role="img" aria-label={label} />;
}

interface Cells {
  label: string;
  heads: string[];
  words?: number; // so many columns are words; behind them stand figures
  rows: ComponentChildren[][];
  sum?: ComponentChildren[] | undefined;
}

/** A table whose figures stand under each other. */
function Cells({ label, heads, words = 1, rows, sum }: Cells) {
  const cell = (value: ComponentChildren, column: number) => (
    column === 0 ? <th scope="row">{value}</th> : <td class={column < words ? "words" : "figure"}>{value}</td>
  );
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={label}>
      <table class="cells">
        <thead><tr>{heads.map((head, column) => <th scope="col" class={column < words ? "" : "figure"}>{head}</th>)}</tr></thead>
        <tbody>{rows.map((row) => <tr>{row.map(cell)}</tr>)}</tbody>
        {sum && <tfoot><tr>{sum.map(cell)}</tr></tfoot>}
      </table>
    </div>
  );
}

/** A chart and its table, under one title; note: n and how far the data go. */
function Pair({ title, note, drawing, cells }: { title: string; note: string; drawing: Drawing; cells: Cells }) {
  return (
    <figure class="pair">
      <figcaption><h3>{title}</h3> <span class="faint">{note}</span></figcaption>
      <div class={cells.heads.length > BESIDE_MAX ? "" : cells.heads.length > NARROW_MAX ? "beside" : "beside narrow"}>
        <Chart label={title} drawing={drawing} />
        <Cells {...cells} />
      </div>
    </figure>
  );
}

interface Around {
  of: Direction;
  data: Report;
  cutOff: string;
}

// --- the headline ---------------------------------------------------------------------------------------------------

function Tile({ label, children, below }: { label: string; children: ComponentChildren; below?: string }) {
  return <div class="tile"><span class="label">{label}</span><b>{children}</b>{below && <span class="faint">{below}</span>}</div>;
}

/* A change is worded, not coloured only. */
function Shorter({ change }: { change: number | undefined }) {
  if (change === undefined) {
    return <>–</>;
  }
  const said = percent(Math.abs(change));
  return change === 0 ? <>{text("as_long")}</> : <span class={change < 0 ? "good" : "worse"}>{text(change < 0 ? "compressed" : "lengthened", said)}</span>;
}

function AgainstTile({ name, of }: { name: "base" | "target"; of: Against | undefined }) {
  return of ? <Tile label={text(name, of.year)} below={text("against", of.hours)}><Shorter change={of.change} /></Tile> : null;
}

function ComparedTile({ name, of, unit }: { name: "previous" | "previous_year"; of: Compared; unit: string }) {
  const then = of.from.slice(0, 7) === of.to.slice(0, 7) ? of.from.slice(0, 7) : `${of.from}–${of.to}`;
  return (
    <Tile label={text(name)} below={of.n ? text("against_of", then, hours(of.mean), counted(unit), of.n) : text("nothing_then")}>
      <Shorter change={of.change} />
    </Tile>
  );
}

function Headline({ of, unit }: { of: Overall; unit: string }) {
  return (
    <div class="headline tiles">
      <Tile label={text("mean")} below={`${counted(unit)} ${of.n}`}>{hours(of.mean)} <small>{text("hours_short")}</small></Tile>
      <Tile label={text("median")} below={`p90 ${hours(of.p90)} ${text("hours_short")}`}>{hours(of.median)} <small>{text("hours_short")}</small></Tile>
      <Tile label={text("within_24h")}>{percent(of.within_24h)}</Tile>
      <ComparedTile name="previous" of={of.previous} unit={unit} />
      <ComparedTile name="previous_year" of={of.previous_year} unit={unit} />
      <AgainstTile name="base" of={of.base} />
      <AgainstTile name="target" of={of.target} />
    </div>
  );
}

// --- segments and groups --------------------------------------------------------------------------------------------

function inHours(seconds: number | undefined): number | null {
  return seconds === undefined ? null : seconds / HOUR;
}

function boxesOf(segments: Segment[]): Drawing {
  return {
    rows: segments.map((segment) => named(segment)),
    boxes: segments.map(({ available: each }) => (each.n ? [each.p10!, each.p25!, each.median!, each.p75!, each.p90!]
      .map((seconds) => seconds / HOUR) as [number, number, number, number, number] : null)),
    means: segments.map((segment) => inHours(segment.available.mean)),
    names: { box: text("box"), mean: text("mean") },
    decimals: 1,
    unit: text("hours_short"),
  };
}

function Segments({ of, data, cutOff }: Around) {
  const changes = new Map(of.why?.segments?.map((each) => [each.name, each.share]));
  return (
    <Pair title={text("segments")} note={`${text("hours")} · ${counted(data.unit)} ${of.population} · ${cutOff} · ${text("segments_note")}`}
          drawing={boxesOf(of.segments.filter((segment) => segment.available.n))}
          cells={{
            label: text("segments"),
            heads: [text("segment"), counted(data.unit), text("mean"), text("median"), text("p10"), text("p90"), text("share"),
                    ...(changes.size ? [text("share_of_change")] : [])],
            rows: of.segments.map((segment) => [
              named(segment), segment.available.n, hours(segment.available.mean), hours(segment.available.median),
              hours(segment.available.p10), hours(segment.available.p90), percent(segment.clamped.share),
              ...(changes.size ? [percent(changes.get(segment.name))] : []),
            ]),
          }} />
  );
}

/* Of complete chains, made monotone, so that they add up (schemas/segments). */
function chainOf(group: Group): Segment[] {
  return group.segments.filter((segment) => segment.clamped.share !== undefined);
}

function groupName(group: Group): string {
  return group.value === undefined ? text("whole") : group.value === "" ? text("unsaid") : named(group);
}

function Groups({ of, data, cutOff }: Around) {
  const groups = [...of.groups!, of];
  const chain = chainOf(of);
  const mean = (group: Group, segment: Segment) => group.segments.find((each) => each.name === segment.name)?.clamped.mean;
  const whole = (group: Group) => chain.reduce((sum, segment) => sum + (mean(group, segment) ?? 0), 0);
  const row = (group: Group) => [
    groupName(group), group.population, hours(group.overall?.mean), hours(group.overall?.median), hours(group.overall?.p90),
    <Shorter change={group.overall?.previous.change} />,
    ...chain.map((segment) => hours(mean(group, segment))), hours(whole(group)),
  ];
  return (
    <Pair title={text("grouped", dimensionName(data.by!, data, "by"))} note={`${text("hours")} · ${counted(data.unit)} ${of.population} · ${cutOff} · ${text("grouped_note")}`}
          drawing={{
            rows: groups.map((group) => `${groupName(group)} ${hours(whole(group))}`),
            series: chain.map((segment) => ({ name: named(segment), values: groups.map((group) => (mean(group, segment) ?? 0) / HOUR) })),
            decimals: 1, unit: text("hours_short"),
          }}
          cells={{
            label: text("by"),
            heads: [text("group"), counted(data.unit), text("mean"), text("median"), text("p90"), text("previous"), ...chain.map((segment) => named(segment)), text("whole_way")],
            rows: of.groups!.map(row),
            sum: row(of),
          }} />
  );
}

// --- why it changed -------------------------------------------------------------------------------------------------

function Steps({ of, why, data, cutOff }: Around & { why: Change }) {
  const name = (step: { name: string; from: string; to: string }) => {
    const segment = of.segments.find((each) => each.name === step.name);
    return segment ? named(segment) : `${step.from}–${step.to}`;
  };
  const then = why.mean_then!, now = why.mean_now!;
  return (
    <Pair title={text("why_changed", word(COMPARED, why.compared_with))}
          note={`${text("hours")} · ${text("why_note", `${counted(data.unit)} ${why.n_now}`, why.n_then)} · ${cutOff}`}
          drawing={{ rows: why.segments!.map(name), series: [{ name: text("change"), values: why.segments!.map((step) => step.change / HOUR) }],
                     isSigned: true, decimals: 2, unit: text("hours_short") }}
          cells={{
            label: text("change"),
            heads: [text("segment"), text("then"), text("now"), text("change"), text("share_of_change")],
            rows: why.segments!.map((step) => [name(step), hours(step.mean_then), hours(step.mean_now), moreHours(step.change), percent(step.share)]),
            sum: [text("sum"), hours(then), hours(now), moreHours(now - then), now === then ? "–" : percent(1)],
          }} />
  );
}

function Splits({ why, cutOff }: { why: Change; cutOff: string }) {
  return (
    <Pair title={text("split")} note={`${text("hours")} · ${text("split_note")} · ${cutOff}`}
          drawing={{
            rows: why.dimensions!.map((split) => dimensionName(split.by, split)),
            series: [{ name: text("inside"), values: why.dimensions!.map((split) => split.within / HOUR) },
                     { name: text("mix"), values: why.dimensions!.map((split) => split.mix / HOUR) }],
            isSigned: true, decimals: 2, unit: text("hours_short"),
          }}
          cells={{
            label: text("split"),
            heads: [text("dimension"), text("inside"), text("mix"), text("change")],
            rows: why.dimensions!.map((split) => [dimensionName(split.by, split), moreHours(split.within), moreHours(split.mix), moreHours(split.within + split.mix)]),
          }} />
  );
}

function Why({ why, ...around }: Around & { why: Change }) {
  if (!why.segments) {
    return <p class="note">{text("why_changed", word(COMPARED, why.compared_with))}{": "}{text("no_comparison")}</p>;
  }
  return <><Steps {...around} why={why} /><Splits why={why} cutOff={around.cutOff} /></>;
}

// --- the tail, and how good the data are ----------------------------------------------------------------------------

function Slowest({ of, cutOff }: Around) {
  const { n, from, held_by } = of.slowest;
  const rows = held_by.map((held) => ({ ...held, name: named(of.segments.find((each) => each.name === held.segment) ?? {}) || `${held.from}–${held.to}` }));
  return n ? (
    <Pair title={text("slowest")} note={`${text("slowest_note", n, hours(from))} · ${cutOff}`}
          drawing={{ rows: rows.map((held) => `${held.name} (${side(held.side)})`), series: [{ name: text("n"), values: rows.map((held) => held.n) }],
                     decimals: 0, unit: text("n") }}
          cells={{ label: text("slowest"), heads: [text("segment"), text("who_acts"), text("n")], words: 2,
                   rows: rows.map((held) => [held.name, side(held.side), held.n]), sum: [text("sum"), "", n] }} />
  ) : <p class="note">{text("slowest")}{": "}{text("none_slowest")}</p>;
}

/** "码头 · 青岛前湾" */
const ownerOf = (owner: Owner) => [named(owner, "role"), named(owner, "party") || owner.party || text("not_known")].filter(Boolean).join(" · ");

function Quality({ of, data, cutOff }: Around) {
  const few: [TextName, number | undefined][] = [
    ["population", of.population], ["complete", of.complete], ["in_order", of.in_order],
    ["without_containers", of.without_containers], ["of_unknown_size", of.of_unknown_size],
    ["unread", of.unread],
  ];
  return (
    <figure class="pair">
      <figcaption><h3>{text("quality")}</h3> <span class="faint">{few.filter(([, n]) => n !== undefined)
        .map(([name, n]) => `${text(name)} ${n}`).join(" · ")}{data.unit === "declaration" ? "" : ` · ${text("declarations")} ${of.declarations}`} · {cutOff}</span></figcaption>
      <Cells label={text("quality")} heads={[text("what_of"), text("what"), text("told_by"), text("of_declarations"), text("of_all")]} words={3} rows={[
        ...of.excluded.map((mark) => [text("excluded"), named(mark), "", mark.n, ""]),
        ...of.doubted.map((mark) => [text("doubted"), named(mark), "", mark.n, of.declarations]),
        ...of.coverage.flatMap((each) => each.whose.length ? each.whose.map((owner) => [text("missing"), named(each), ownerOf(owner), owner.missing, owner.of])
                                                           : [[text("missing"), named(each), "", 0, each.declarations]]),
      ]} />
    </figure>
  );
}

// --- all of it ------------------------------------------------------------------------------------------------------

function OneDirection({ name, data, cutOff }: { name: "import" | "export"; data: Report; cutOff: string }) {
  const of = data[name]!;
  const around = { of, data, cutOff };
  const milestone = (code: string) => named(of.coverage.find((each) => each.milestone === code) ?? {}) || code;
  return (
    <section class="review">
      <h2>{text(name)} {of.overall && <span class="faint">{text("overall")} · {text("overall_is", milestone(of.overall.from), milestone(of.overall.to))}</span>}</h2>
      {of.overall && <Headline of={of.overall} unit={data.unit} />}
      {of.revision && <p class="note">{text("revised", of.revision.added, of.revision.removed, of.revision.changed)}</p>}
      <Segments {...around} />
      {of.groups && of.groups.length > 0 && <Groups {...around} />}
      {of.why && <Why {...around} why={of.why} />}
      <Slowest {...around} />
      <Quality {...around} />
    </section>
  );
}

/** How far the data of a report go. at: when it was asked for. */
export function cutOffOf(data: Report, at: Date | string): string {
  return data.period.as_of ? text("cut_off_record", data.period.as_of) : text("cut_off", dated(at));
}

/** "2026-10", "2026-10-01–2026-10-15" */
export function periodOf({ period }: Report): string {
  return period.month ?? `${period.from}–${period.to}`;
}

function standingOf(data: Report): string {
  const shown = data.snapshots.find((snapshot) => snapshot.record === data.period.as_of);
  return shown ? text(shown.revision ? "is_revision" : "is_snapshot", `${shown.number} (${dated(shown.at)})`)
               : text(data.snapshots.length ? "is_closed" : "is_open");
}

function Snapshots({ data, link }: { data: Report; link?: ((snapshot: number) => string) | undefined }) {
  return (
    <figure class="pair">
      <figcaption><h3>{text("snapshots")}</h3></figcaption>
      <Cells label={text("snapshots")} heads={[text("number"), text("what"), text("closed_at"), text("definition"), text("up_to_record")]} words={4} rows={data.snapshots.map((each) => [
        link ? <a href={link(each.number)}>{each.number}</a> : each.number,
        text(each.revision ? "is_revision" : "is_snapshot", ""), dated(each.at), <code>{each.definition.slice(0, 12)}</code>, each.record,
      ])} />
    </figure>
  );
}

/** link: where the month is shown as it was known by that snapshot. */
export function Review({ data, at, direction, link }:
                       { data: Report; at: Date | string; direction: string; link?: (snapshot: number) => string }) {
  const cutOff = cutOffOf(data, at);
  const shown = (["import", "export"] as const).filter((name) => data[name] && (direction === "" || direction === name));
  return (
    <>
      <p class="standing">
        <b>{periodOf(data)}</b> {standingOf(data)} · {cutOff}
        {data.definition && <> · {text("definition")} {data.definition.number} <code>{data.definition.digest.slice(0, 12)}</code></>}
      </p>
      {shown.map((name) => <OneDirection name={name} data={data} cutOff={cutOff} />)}
      {data.snapshots.length > 0 && <Snapshots data={data} link={link} />}
    </>
  );
}
