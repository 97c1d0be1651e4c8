// inspections.tsx - the queue of each site 查验排队, with the reason why each stands where it does.
import { asked, link } from "../place";
import { named, text } from "../texts";
import { Answered, Table, useAnswer } from "../pieces";
import { moment } from "../time";
import type { Inspection } from "./answers";

function Place({ of }: { of: Inspection }) {
  return <td class="figure">{of.position || "▸"}</td>;
}

function why(of: Inspection): string {
  return of.position === 0 ? text("in_turn") : of.position === 1 ? text("first_in_lane") : named(of, "because");
}

function Lane({ rows }: { rows: Inspection[] }) {
  const { site, lane, mode_zh, mode_en } = rows[0]!;
  return (
    <section>
      <h2>{site} <span class="faint">{named({ mode_zh, mode_en }, "mode") || lane}</span></h2>
      <Table label={site} heads={[text("place"), text("slot"), text("booking"), text("consignment"), text("attendance"), text("state"), text("why_here")]}>
        {rows.map((row) => (
          <tr>
            <Place of={row} />
            <td>{moment(row.slot_start)}–{moment(row.slot_end).slice(-5)}</td>
            <td>{row.booking || <span class="faint">{text("another")}</span>}</td>
            <td>{row.subject && <a href={link("/track/" + encodeURIComponent(row.subject.split("/")[1] ?? ""))}>{row.subject.split("/")[1]}</a>}</td>
            <td>{named(row, "attendance")}</td>
            <td>{named(row, "state")}</td>
            <td class="words">{named(row, "priority") && <span class="chip">{named(row, "priority")}</span>} {why(row)}</td>
          </tr>
        ))}
      </Table>
    </section>
  );
}

export function Inspections() {
  const site = asked("site");
  const [answer, again] = useAnswer<{ inspections: Inspection[]; more: boolean }>(
    "inspections" + (site ? "?site=" + encodeURIComponent(site) : ""), () => true);
  return (
    <>
      <h1>{text("inspections")}</h1>
      <Answered answer={answer} again={again}>
        {(data) => {
          const lanes = new Map<string, Inspection[]>();
          for (const row of data.inspections) {
            const key = row.site + "\n" + row.lane;
            lanes.set(key, [...(lanes.get(key) ?? []), row]);
          }
          return <>
            {lanes.size === 0 && <p class="note">{text("no_inspections")}</p>}
            {[...lanes].map(([key, rows]) => <Lane key={key} rows={rows} />)}
            {data.more && <p class="note">{text("more")}</p>}
          </>;
        }}
      </Answered>
    </>
  );
}
