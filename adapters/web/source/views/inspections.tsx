// inspections.tsx - inspections 查验: the slots of a site as a calendar, the queue of each site with the reason why each stands
// where it does, and the desk where one's own are booked, moved and cancelled.
import { useSignal } from "@preact/signals";
import { asked, go, link } from "../place";
import { isDeclarant, who } from "../session";
import { named, text } from "../texts";
import { Answered, Table, useAbout, useAnswer } from "../pieces";
import { moment } from "../time";
import type { Inspection, Slot } from "./answers";
import { Desk, type Task } from "./booking";
import { Calendar, dayBehind, today } from "./calendar";
import { PickUps } from "./pickups";

type Do = (task: Task) => void;

function why(of: Inspection): string {
  return of.position === 0 ? text("in_turn") : of.position === 1 ? text("first_in_lane") : named(of, "because");
}

/* A party may move and cancel what it booked itself, until its turn has come. */
function Actions({ of, act }: { of: Inspection; act: Do }) {
  const one = who.value;
  const isOwn = one && typeof one === "object" && one.sends && one.party === of.party && of.record > 0 && of.state === "booked";
  return isOwn ? (
    <>
      <button type="button" onClick={() => act({ kind: "change", of })}>{text("change_booking")}</button>{" "}
      <button type="button" onClick={() => act({ kind: "cancel", of })}>{text("cancel_booking")}</button>
    </>
  ) : null;
}

function Lane({ rows, siteName, act }: { rows: Inspection[]; siteName: string; act: Do }) {
  const { site, lane, mode_zh, mode_en } = rows[0]!;
  return (
    <section>
      <h2>{siteName || site} <span class="faint">{named({ mode_zh, mode_en }, "mode") || lane}</span></h2>
      <Table label={site} heads={[text("place"), text("slot"), text("booking"), text("consignment"), text("attendance"), text("state"), text("why_here"), ""]}>
        {rows.map((row) => (
          <tr>
            <td class="figure">{row.position || "▸"}</td>
            <td>{moment(row.slot_start)}–{moment(row.slot_end).slice(-5)}</td>
            <td>{row.booking || <span class="faint">{text("another")}</span>}</td>
            <td>{row.subject && <a href={link("/track/" + encodeURIComponent(row.subject.split("/")[1] ?? ""))}>{row.subject.split("/")[1]}</a>}</td>
            <td>{named(row, "attendance")}</td>
            <td>{named(row, "state")}</td>
            <td class="words">{named(row, "priority") && <span class="chip">{named(row, "priority")}</span>} {why(row)}</td>
            <td><Actions of={row} act={act} /></td>
          </tr>
        ))}
      </Table>
    </section>
  );
}

function Queue({ site, names, act }: { site: string; names: Map<string, Slot>; act: Do }) {
  const [answer, again] = useAnswer<{ inspections: Inspection[]; more: boolean }>(
    "inspections" + (site ? "?site=" + encodeURIComponent(site) : ""), () => true);
  return (
    <Answered answer={answer} again={again}>
      {(data) => {
        const lanes = new Map<string, Inspection[]>();
        for (const row of data.inspections) {
          const key = row.site + "\n" + row.lane;
          lanes.set(key, [...(lanes.get(key) ?? []), row]);
        }
        return <>
          {lanes.size === 0 && <p class="note">{text("no_inspections")}</p>}
          {[...lanes].map(([key, rows]) => <Lane key={key} rows={rows} siteName={named(names.get(rows[0]!.site) ?? {}, "site")} act={act} />)}
          {data.more && <p class="note">{text("more")}</p>}
        </>;
      }}
    </Answered>
  );
}

function Sites({ site, sites, asks }: { site: string; sites: Map<string, Slot>; asks: Record<string, string> }) {
  return (
    <nav class="sites" aria-label={text("site")}>
      <a href={link("/inspections", { ...asks, site: "" })} aria-current={site === "" ? "page" : undefined}>{text("all_sites")}</a>
      {[...sites.values()].map((each) => (
        <a href={link("/inspections", { ...asks, site: each.site })} aria-current={site === each.site ? "page" : undefined}>{named(each, "site")}</a>
      ))}
    </nav>
  );
}

function Slots({ site, asks, chosen, choose }: { site: string; asks: Record<string, string>; chosen: Slot | null; choose: ((slot: Slot) => void) | null }) {
  const from = asked("from") || today();
  const [answer, again] = useAnswer<{ slots: Slot[] }>(
    "slots?" + new URLSearchParams({ site, from, to: dayBehind(from, 6) }), () => true);
  return (
    <Answered answer={answer} again={again}>
      {(data) => <Calendar site={site} from={from} slots={data.slots} asks={asks} chosen={chosen} choose={choose} />}
    </Answered>
  );
}

export function Inspections() {
  const site = asked("site"), bill = asked("bill");
  const books = isDeclarant();
  const slot = useSignal<Slot | null>(null);
  const task = useSignal<Task>(bill ? { kind: "book", bill } : null);
  const asks = { bill };
  const [week, again] = useAnswer<{ slots: Slot[] }>("slots?to=" + dayBehind(today(), 6)); // which sites there are is told by their slots
  const sites = new Map(week.data?.slots.map((slot) => [slot.site, slot]));
  useAbout(named(sites.get(site) ?? {}, "site"));
  const act: Do = (next) => {
    task.value = next;
    slot.value = null;
    if (next && next.kind !== "book" && next.of.site !== site) {
      go(link("/inspections", { site: next.of.site }));
    }
  };
  return (
    <>
      <h1>{text("inspections")}</h1>
      {books && bill && !site && <p class="note">{text("choose_site", bill)}</p>}
      <Answered answer={week} again={again}>{() => <Sites site={site} sites={sites} asks={asks} />}</Answered>
      {site && <Slots key={site + asked("from")} site={site} asks={asks} chosen={slot.value}
                      choose={books ? (next) => { slot.value = next; } : null} />}
      {books && <Desk task={task.value} slot={slot.value?.site === site || task.value?.kind === "change" ? slot.value : null}
                      leave={() => act(null)} />}
      <Queue site={site} names={sites} act={act} />
      {books && <PickUps />}
    </>
  );
}
