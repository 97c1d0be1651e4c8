// calendar.tsx - the slots of an inspection site 查验时段, a week side by side: how many places are left in each.
import { useSignal } from "@preact/signals";
import { thisMoment } from "../clock";
import { language, link } from "../place";
import { named, text } from "../texts";
import { Table } from "../pieces";
import type { Slot } from "./answers";

const DAY_MS = 86_400_000;
const DAYS = 7;

/** The day so many days behind that one: "2026-10-13". */
export function dayBehind(day: string, days: number): string {
  return new Date(Date.parse(day + "T00:00:00Z") + days * DAY_MS).toISOString().slice(0, 10);
}

export function today(): string {
  return new Date(thisMoment().getTime() + 8 * 3_600_000).toISOString().slice(0, 10);
}

/** "周二 10-13" */
function headOf(day: string): string {
  const weekday = new Intl.DateTimeFormat(language.value === "zh" ? "zh-CN" : "en", { weekday: "short", timeZone: "UTC" });
  return `${weekday.format(new Date(day + "T00:00:00Z"))} ${day.slice(5)}`;
}

function timeOf(moment: string): string {
  return moment.slice(11, 16);
}

/** "10-13 09:00–10:00" */
export function slotText(slot: Slot): string {
  const until = timeOf(slot.slot_end);
  return `${slot.slot_start.slice(5, 10)} ${timeOf(slot.slot_start)}–${until === "00:00" ? "24:00" : until}`;
}

interface Choice {
  chosen: Slot | null;
  choose: ((slot: Slot) => void) | null; // null: who looks books nothing
}

function Cell({ slot, chosen, choose }: { slot: Slot | undefined } & Choice) {
  if (!slot) {
    return <td />;
  }
  const free = Math.max(0, slot.places - slot.taken);
  const kind = !slot.open ? "past" : free === 0 ? "full" : free * 3 <= slot.places ? "few" : "free";
  const words = text("free_of", free, slot.places);
  const mine = slot.mine > 0 ? text("mine_there", slot.mine) : "";
  const star = mine && <b title={mine} aria-hidden="true"> ★</b>;
  if (choose && slot.open && free > 0) {
    const isChosen = chosen?.slot_start === slot.slot_start && chosen.lane === slot.lane;
    return (
      <td>
        <button type="button" class={"slot " + kind} aria-pressed={isChosen} aria-label={`${slotText(slot)} ${words} ${mine}`.trim()}
                onClick={() => choose(slot)}>{free}<small>/{slot.places}</small>{star}</button>
      </td>
    );
  }
  return <td><span class={"slot " + kind} title={`${words} ${mine}`.trim()}>{kind === "past" ? "–" : kind === "full" ? text("full") : <>{free}<small>/{slot.places}</small></>}{star}</span></td>;
}

function Week({ slots, from, label, ...choice }: { slots: Slot[]; from: string; label: string } & Choice) {
  const days = Array.from({ length: DAYS }, (_, place) => dayBehind(from, place));
  const times = [...new Set(slots.map((slot) => timeOf(slot.slot_start)))].sort();
  const at = new Map(slots.map((slot) => [slot.slot_start.slice(0, 16), slot]));
  return (
    <div class="calendar">
      <Table isMatrix label={label} heads={[text("slot"), ...days.map(headOf)]}>
        {times.map((time) => (
          <tr><th scope="row">{time}</th>{days.map((day) => <Cell slot={at.get(`${day}T${time}`)} {...choice} />)}</tr>
        ))}
      </Table>
    </div>
  );
}

/** slots: of that site, from that day on. asks: what else stands in the place, and goes on doing so. */
export function Calendar({ site, from, slots, asks, ...choice }: { site: string; from: string; slots: Slot[]; asks: Record<string, string> } & Choice) {
  const lanes = [...new Map(slots.map((slot) => [slot.lane, slot])).values()];
  const lane = useSignal("");
  const shown = lanes.find((each) => each.lane === lane.value) ?? lanes[0];
  const week = (days: number) => link("/inspections", { ...asks, site, from: dayBehind(from, days) });
  return (
    <section>
      <h2>{named(slots[0] ?? {}, "site") || site} <span class="faint">{text("calendar_hint")}</span></h2>
      <p class="choices">
        <a class="screen-only" href={week(-DAYS)}>← {text("week_before")}</a>
        <a class="screen-only" href={week(DAYS)}>{text("week_behind")} →</a>
        {lanes.length > 1 && (
          <label>{text("mode")}{" "}
            <select value={shown?.lane} onChange={(event) => { lane.value = event.currentTarget.value; }}>
              {lanes.map((each) => <option value={each.lane}>{named(each, "lane")}</option>)}
            </select>
          </label>
        )}
      </p>
      {shown ? <Week label={named(shown, "lane")} slots={slots.filter((slot) => slot.lane === shown.lane)} from={from} {...choice} />
             : <p class="note">{text("no_slots")}</p>}
    </section>
  );
}
