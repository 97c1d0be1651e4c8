// booking.tsx - books, moves and cancels an inspection 预约、改期、取消: fills the InspectionBooking in that the party would send,
// hands it over, and shows what became of it.
import { signal, useSignal, type Signal } from "@preact/signals";
import { submit, type Submitted } from "../ask";
import { filled, freshId, refill, sentBefore, sentTime, textOf, type Part } from "../message";
import { meant } from "../number";
import { Answered, useAnswer } from "../pieces";
import { Sent } from "../sent";
import { keptWriting, who } from "../session";
import type { Problem } from "../problem";
import { named, text, troubled } from "../texts";
import type { Code, Consignment, Inspection, Slot, Track } from "./answers";
import { slotText } from "./calendar";

/** What is being done at the desk; null: nothing. */
export type Task = { kind: "book"; bill: string } | { kind: "change" | "cancel"; of: Inspection } | null;

/* --- fields --------------------------------------------------------------------------------------------- */

function Codes({ label, list, only, value, mayBeNone }:
               { label: string; list: string; only?: string[]; value: Signal<string>; mayBeNone?: boolean }) {
  const [answer] = useAnswer<{ codes: Code[] }>("codes/" + list);
  const codes = answer.data?.codes.filter((code) => !only || only.includes(code.code)) ?? [];
  return (
    <label>{label}{" "}
      <select value={value.value} onChange={(event) => { value.value = event.currentTarget.value; }}>
        {mayBeNone && <option value="">–</option>}
        {codes.map((code) => <option value={code.code}>{named(code)}</option>)}
      </select>
    </label>
  );
}

function Words({ label, value, longest = 150, hint }: { label: string; value: Signal<string>; longest?: number; hint?: string }) {
  return (
    <label>{label}{" "}
      <input value={value.value} maxLength={longest} placeholder={hint} onInput={(event) => { value.value = event.currentTarget.value; }} />
    </label>
  );
}

/** In whose name: one of those the party may declare for, or any where it may for all. */
export function Applicant({ value }: { value: Signal<string> }) {
  const one = who.value;
  const codes = one && typeof one === "object" ? one.declares.filter((code) => code !== "*") : [];
  value.value ||= codes[0] ?? "";
  return codes.length === 0 ? <Words label={text("in_name_of")} value={value} longest={35} /> : (
    <label>{text("in_name_of")}{" "}
      <select value={value.value} onChange={(event) => { value.value = event.currentTarget.value; }}>
        {codes.map((code) => <option value={code}>{code}</option>)}
      </select>
    </label>
  );
}

/** What will be sent, word for word, for who wants to see it; and its sending. */
export function Sending({ message, label, isReady = true, onSent }:
                        { message: () => Promise<XMLDocument> | XMLDocument; label: string; isReady?: boolean; onSent?: () => void }) {
  const sent = useSignal<{ of: Submitted; content: string } | null>(null);
  const shown = useSignal("");
  const isSending = useSignal(false);
  const trouble = useSignal("");
  const make = async () => {
    trouble.value = "";
    try {
      return textOf(await message());
    } catch (problem) {
      trouble.value = troubled(problem as Problem);
      return "";
    }
  };
  const send = async (before = "") => { // before: what may have been taken is sent word for word again, and counts once
    isSending.value = true;
    const content = before || await make();
    if (content) {
      const told = await submit(new Blob([content]));
      sent.value = { of: told, content };
      if (told.receipt) {
        onSent?.();
      }
    }
    isSending.value = false;
  };
  return (
    <>
      <p class="choices">
        <button type="button" class="main" disabled={!isReady || isSending.value} onClick={() => void send()}>{label}</button>
        <button type="button" disabled={!isReady} onClick={async () => { shown.value = shown.value ? "" : await make(); }}>{text("show_message")}</button>
      </p>
      {trouble.value && <p class="note bad" role="alert">{trouble.value}</p>}
      {shown.value && <pre class="excerpt" tabIndex={0} aria-label={text("raw")}><code>{shown.value}</code></pre>}
      {sent.value && <Sent of={sent.value.of} />}
      {sent.value?.of.problem?.status === 0 && (
        <button type="button" disabled={isSending.value} onClick={() => void send(sent.value!.content)}>{text("send_again")}</button>
      )}
    </>
  );
}

/* --- a new one ------------------------------------------------------------------------------------------ */

interface Form {
  applicant: Signal<string>; mode: Signal<string>; attendance: Signal<string>; operator: Signal<string>;
  place: Signal<string>; need: Signal<string>; cutOff: Signal<string>; contact: Signal<string>; phone: Signal<string>;
}

function bookingOf(of: Consignment, containers: string[], slot: Slot, form: Form): XMLDocument {
  const entries = of.declarations.map((declaration) => declaration.entry_number).filter(Boolean);
  const parts: Part[] = [
    ["MessageID", freshId("PB")],
    ["SentTime", sentTime()],
    ["BookingID", freshId("YY")],
    ["Action", "NEW"],
    ["Direction", of.direction === "export" ? "EXPORT" : "IMPORT"],
    ["PortCode", of.port],
    ["Applicant", [["ID", form.applicant.value]]],
    ["Contact", form.contact.value ? [["Name", form.contact.value], ["Telephone", form.phone.value]] : ""],
    ["BillOfLadingID", of.bill],
    ["DeclarationID", entries.length === 1 ? entries[0]! : ""],
    ["Inspection", [
      ["ModeCode", form.mode.value],
      ["AttendanceCode", form.attendance.value],
      ["Operator", form.attendance.value === "DELEGATED" && form.operator.value ? [["ID", form.operator.value]] : ""],
      ["SiteID", slot.site],
      ["SlotStart", slot.slot_start],
      ["SlotEnd", slot.slot_end],
      ["Place", form.place.value],
      ["TransportNeedCode", form.need.value],
      ["CutOffTime", form.cutOff.value && form.cutOff.value + ":00+08:00"],
    ]],
    ...containers.map((number): Part => ["Container", [["ID", number]]]),
  ];
  return filled("inspection-booking", "InspectionBooking", parts);
}

function Goods({ of, slot }: { of: Consignment; slot: Slot }) {
  const left = useSignal<Set<string>>(new Set()); // containers that are not meant
  const modes = slot.lane.split(",");
  const form = keptWriting("booking of " + of.subject, (): Form => ({
    applicant: signal(""), mode: signal(modes[0]!), attendance: signal("UNACCOMPANIED"), operator: signal(""),
    place: signal(""), need: signal(""), cutOff: signal(""), contact: signal(""), phone: signal(""),
  }));
  if (!modes.includes(form.mode.value)) {
    form.mode.value = modes[0]!;
  }
  const containers = of.containers.filter((number) => !left.value.has(number));
  const toggle = (number: string) => {
    const next = new Set(left.value);
    if (!next.delete(number)) {
      next.add(number);
    }
    left.value = next;
  };
  return (
    <>
      <p><b>{of.bill}</b> <span class="faint">{of.port} {text(of.direction === "export" ? "export" : "import")}, {named(of, "state")}</span></p>
      <fieldset class="choices"><legend>{text("containers")}</legend>
        {of.containers.map((number) => (
          <label><input type="checkbox" checked={!left.value.has(number)} onChange={() => toggle(number)} /> {number}</label>
        ))}
      </fieldset>
      <div class="fields">
        <Applicant value={form.applicant} />
        <Codes label={text("mode")} list="inspection_modes" only={modes} value={form.mode} />
        <Codes label={text("attendance")} list="attendances" value={form.attendance} />
        {form.attendance.value === "DELEGATED" && <Words label={text("site_operator")} value={form.operator} longest={35} />}
        {["FACTORY", "WAREHOUSE"].includes(form.mode.value) && <Words label={text("where_goods")} value={form.place} />}
        <Codes label={text("transport_need")} list="transport_needs" value={form.need} mayBeNone />
        <label>{text("cargo_cut_off")}{" "}
          <input type="datetime-local" value={form.cutOff.value} onInput={(event) => { form.cutOff.value = event.currentTarget.value; }} /></label>
        <Words label={text("contact")} value={form.contact} />
        <Words label={text("phone")} value={form.phone} longest={40} />
      </div>
      <Sending message={() => bookingOf(of, containers, slot, form)} label={text("book_slot", slotText(slot))} />
    </>
  );
}

function Found({ bill, slot }: { bill: string; slot: Slot }) {
  const [track, again] = useAnswer<Track>("track/" + encodeURIComponent(bill));
  return <Answered answer={track} again={again}>{(data) => data.consignments.map((of) => <Goods key={of.subject} of={of} slot={slot} />)}</Answered>;
}

function Book({ bill, slot }: { bill: string; slot: Slot }) {
  const typed = useSignal(bill);
  const asked = useSignal(bill);
  return (
    <section class="task">
      <h2>{text("book")} <span class="faint">{named(slot, "site")} {slotText(slot)}</span></h2>
      <form class="search" onSubmit={(event) => { event.preventDefault(); asked.value = meant(typed.value); }}>
        <input aria-label={text("which_goods")} placeholder={text("which_goods")} value={typed.value} maxLength={128}
               onInput={(event) => { typed.value = event.currentTarget.value; }} />
        <button type="submit">{text("show")}</button>
      </form>
      {asked.value && <Found key={asked.value} bill={asked.value} slot={slot} />}
    </section>
  );
}

/* --- one that is there ---------------------------------------------------------------------------------- */

async function changed(of: Inspection, slot: Slot | null, reason: string): Promise<XMLDocument> {
  const modes = slot?.lane.split(",") ?? [];
  return refill(await sentBefore(of.record), {
    MessageID: freshId("PB"), SentTime: sentTime(), Action: slot ? "CHANGE" : "CANCEL", Reason: reason || null,
    ...(slot ? { "Inspection/SiteID": slot.site, "Inspection/SlotStart": slot.slot_start, "Inspection/SlotEnd": slot.slot_end,
                 ...(modes.includes(of.mode) ? {} : { "Inspection/ModeCode": modes[0]! }) }
             : { Inspection: null }),
  }, { Reason: "Action" });
}

function Change({ of, slot, isCancel, leave }: { of: Inspection; slot: Slot | null; isCancel: boolean; leave: () => void }) {
  const reason = useSignal("");
  return (
    <section class="task">
      <h2>{text(isCancel ? "cancel_booking" : "change_booking")} {of.booking}{" "}
        <span class="faint">{of.site} {slotText({ ...of, slot_end: of.slot_end } as unknown as Slot)}
          {!isCancel && slot && ` → ${slot.site} ${slotText(slot)}`}</span></h2>
      {!isCancel && !slot && <p class="note">{text("choose_slot")}</p>}
      <div class="fields"><Words label={text("reason")} value={reason} /></div>
      <Sending isReady={isCancel || slot !== null} message={() => changed(of, isCancel ? null : slot, reason.value)}
               label={text(isCancel ? "cancel_booking" : "change_booking")} />
      <button type="button" onClick={leave}>{text("leave")}</button>
    </section>
  );
}

export function Desk({ task, slot, leave }: { task: Task; slot: Slot | null; leave: () => void }) {
  if (task && task.kind !== "book") {
    return <Change key={task.of.booking + task.kind} of={task.of} slot={slot} isCancel={task.kind === "cancel"} leave={leave} />;
  }
  return slot ? <Book bill={task?.bill ?? ""} slot={slot} /> : null;
}
