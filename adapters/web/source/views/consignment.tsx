// consignment.tsx - a consignment 票货: where it is, what comes next and who must act; then its steps drawn to scale, its
// events, and its messages, each the same run seen from nearer. Moves by itself when an event of it comes.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { now } from "../clock";
import { checkDigit } from "../container";
import { named, side, text, type TextName } from "../texts";
import { Excerpts, seen, useContent } from "../excerpt";
import { joined } from "../number";
import { asked, go, link, path } from "../place";
import { Answered, Table, Tabs, Trouble, useAbout, useAnswer, useNames } from "../pieces";
import type { Finding } from "../problem";
import { isDeclarant, isSide } from "../session";
import { dated, duration, moment, secondsBetween } from "../time";
import type { Alert, Consignment as Answer, Line, Track, Usual } from "./answers";
import { PickUps } from "./pickups";
import { actorsOf, nextOf, scaleOf, stepsOf, type Row, type Scale, type Span, type Step } from "./steps";
import { turn } from "./turn";

/* The step that is under way, or comes first, and who acts in it. */
interface Acting {
  step: Step | null;
  sides: string[];
}

function range(step: Step): string {
  return step.p50 === null ? "" : text("usually", duration(step.p50), duration(step.p90!));
}

/* What a step took, or has taken so far; 0: it cannot be told. */
function taken(step: Step, at: Date): number {
  return step.start && step.state !== "to_come" ? Math.max(0, secondsBetween(step.start, step.end || at)) : 0;
}

/* By how much it ended, or is, behind what was planned, in words; "": nothing was planned. */
function behindPlan(step: Step, at: Date): string {
  if (!step.planned) {
    return "";
  }
  const late = secondsBetween(step.planned, step.end || at);
  return late >= 60 ? `${text("late")} ${duration(late)}` : step.end && late <= -60 ? `${text("early")} ${duration(-late)}` : step.end ? text("as_planned") : "";
}

/* It takes longer than nine of ten do. */
function isSlow(step: Step, at: Date): boolean {
  return step.state === "running" && step.p90 !== null && taken(step, at) > step.p90;
}

/* --- the picture ------------------------------------------------------------------------------------------- */

function percent(share: number): string {
  return (share * 100).toFixed(2) + "%";
}

const LEAST = .003; // of the width, so that every step is seen

function Bar({ span, y, height, kind }: { span: Span | null; y: number; height: number; kind: string }) {
  return span && <rect class={kind} x={percent(span.from)} y={y} width={percent(Math.max(LEAST, span.to - span.from))} height={height} />;
}

/* The bar: what it took, then what it is expected to take. Below: from p50 to p90. ◇: what is planned, and from there how late or early
 * it came. */
function Track({ row, scale, side: who }: { row: Row; scale: Scale; side: string }) {
  const { step, actual, expected, usual, planned } = row;
  const isPoint = step.isMoment || !step.start; // of when it began nothing is known
  const came = planned !== null && step.end && actual ? actual.to : planned; // where it was to be, else
  return (
    <svg class={`track ${step.state} by-${who}`} width="100%" height="30" aria-hidden="true">
      {scale.ticks.map((tick) => <line class="tick" x1={percent(tick.at)} x2={percent(tick.at)} y1="0" y2="30" />)}
      {scale.now !== null && <line class="now" x1={percent(scale.now)} x2={percent(scale.now)} y1="0" y2="30" />}
      <Bar kind="expected" span={expected} y={7} height={12} />
      {!isPoint && <Bar kind="actual" span={actual} y={7} height={12} />}
      {isPoint && actual && <circle class="actual" cx={percent(actual.to)} cy="13" r="6" />}
      <Bar kind="usual" span={usual} y={23} height={3} />
      {planned !== null && came !== planned && <line class={came! > planned ? "lag" : "lead"} x1={percent(planned)} x2={percent(came!)} y1="13" y2="13" />}
      {planned !== null && <svg x={percent(planned)} y="13" width="1" height="1" overflow="visible"><path class="planned" d="M0 -8 L6 0 L0 8 L-6 0 Z" /></svg>}
    </svg>
  );
}

/* What stands at the edge reaches inwards. */
function placed(at: number): { left: string; transform?: string } {
  return { left: percent(at), ...(at < .05 ? { transform: "none" } : at > .95 ? { transform: "translateX(-100%)" } : {}) };
}

/* "12-01", "06:00": where a day begins, the day. */
function tickText(tick: Scale["ticks"][number]): string {
  const said = dated(tick.moment);
  return tick.isDay ? said.slice(5, 10) : said.slice(11);
}

/** The steps below each other on one line of time: what each took, and what those to come are expected to take. */
function Picture({ steps, at, acting }: { steps: Step[]; at: Date; acting: Acting }) {
  const scale = scaleOf(steps, at);
  if (!scale) {
    return null;
  }
  const known = steps.find((step) => step.n > 0 && step.p50 !== null);
  return (
    <figure class="picture" role="img" aria-label={steps.map((step) => `${named(step)}: ${text(step.state)} ${step.start ? duration(taken(step, at)) : ""}`).join("; ")}>
      <div class="tracks" aria-hidden="true">
        {scale.rows.map((row) => (
          <>
            <div class={"of " + row.step.state}><b>{named(row.step)}</b> <span class="faint">
              {row.step.start && row.step.state !== "to_come" ? duration(taken(row.step, at))
               : row.step.end ? moment(row.step.end) : row.step.planned ? "◇ " + moment(row.step.planned) : ""}
              {row.step.end && row.step.planned && <> {behindPlan(row.step, at)}</>}</span></div>
            <Track row={row} scale={scale} side={row.step === acting.step ? acting.sides[0] ?? "" : ""} />
          </>
        ))}
        <div />
        <div class="ticks">
          {scale.ticks.map((tick) => <span style={placed(tick.at)}>{tickText(tick)}</span>)}
          {scale.now !== null && <span class="now" style={placed(scale.now)}>{text("where")}</span>}
        </div>
      </div>
      <figcaption class="faint" aria-hidden="true">
        <span class="key actual">{text("key_actual")}</span> <span class="key expected">{text("key_expected")}</span>{" "}
        <span class="key planned">{text("planned")}</span> {known && <span class="key usual">{text("key_usual", known.n)}</span>}
      </figcaption>
    </figure>
  );
}

function Steps({ steps, at, acting }: { steps: Step[]; at: Date; acting: Acting }) {
  return (
    <>
      <Picture steps={steps} at={at} acting={acting} />
      <Table label={text("steps")} heads={[text("step"), text("state"), text("who_acts"), text("began"), text("ended"), text("planned"), text("took"), text("usual")]}>
        {steps.map((step) => (
          <tr class={step.state}>
            <th scope="row">{named(step)}</th>
            <td><span class={"mark " + step.state} aria-hidden="true" /> {text(step.state)}</td>
            <td>{step === acting.step ? acting.sides.map(side).join(text("and")) : side(step.side)}</td>
            <td>{moment(step.start)}</td>
            <td>{moment(step.end)}</td>
            <td>{step.planned && <><span class="diamond" aria-hidden="true">◇</span> {moment(step.planned)}{" "}
              <span class={behindPlan(step, at).startsWith(text("late")) ? "worse" : "faint"}>{behindPlan(step, at)}</span></>}</td>
            <td class="figure">{step.start && step.state !== "to_come" ? duration(taken(step, at)) : ""}</td>
            <td class={isSlow(step, at) ? "worse" : "faint"}>{range(step)}{isSlow(step, at) && ` ${text("longer_than_usual")}`}</td>
          </tr>
        ))}
      </Table>
    </>
  );
}

/* --- what happened, and what was sent ------------------------------------------------------------------------- */

function Events({ lines }: { lines: Line[] }) {
  return (
    <Table label={text("events")} heads={[text("when"), text("what"), text("state"), text("party"), text("record")]}>
      {lines.map((line) => (
        <tr class={line.taken_back_by ? "taken-back" : undefined}>
          <td>{moment(line.at)}</td>
          <td class="words">{named(line, "what")}
            {line.taken_back_by && <div class="faint">{text("taken_back", line.taken_back_by)}</div>}</td>
          <td>{named(line, "state")}</td>
          <td>{line.party}{line.account && <div class="faint">{line.account}</div>}</td>
          <td class="figure">{line.record}</td>
        </tr>
      ))}
    </Table>
  );
}

interface Message { // who received it is told neither
  receipt?: { findings: Finding[] };
  decision?: { answer: { findings: Finding[] } } | null;
}

/* A record's own text, with what was found in it in place. */
function Whole({ record }: { record: number }) {
  const [message, again] = useAnswer<Message>(`messages/${record}`);
  const { content, problem } = useContent(record);
  return (
    <Answered answer={message} again={again}>
      {(data) => (
        <>
          <Excerpts content={content ?? ""} findings={[...(data.receipt?.findings ?? []), ...(data.decision?.answer.findings ?? [])]} />
          {problem && <Trouble problem={problem} />}
          {content !== null && <pre class="excerpt" tabIndex={0} aria-label={text("raw")}><code>{seen(content)}</code></pre>}
        </>
      )}
    </Answered>
  );
}

/** The records behind the events, each once. */
function Raw({ lines }: { lines: Line[] }) {
  const open = useSignal(0);
  const families = useNames("families");
  const records = [...new Map(lines.filter((line) => line.party).map((line) => [line.record, line])).values()];
  return (
    <Table label={text("raw")} heads={[text("record"), text("what"), text("party"), text("when"), ""]}>
      {records.map((line) => (
        <>
          <tr>
            <td class="figure">{line.record}</td>
            <td>{families(line.family)}</td>
            <td>{line.party}</td>
            <td>{moment(line.recorded)}</td>
            <td>
              <button type="button" aria-expanded={open.value === line.record} onClick={() => { open.value = open.value === line.record ? 0 : line.record; }}>
                {text(open.value === line.record ? "hide_text" : "show_text")}</button>{" "}
              <a href={`/v1/messages/${line.record}/content`} download={`${line.record}.xml`}>{text("download")}</a>
            </td>
          </tr>
          {open.value === line.record && <tr><td colSpan={5} class="whole"><Whole key={line.record} record={line.record} /></td></tr>}
        </>
      ))}
    </Table>
  );
}

const LEVELS = ["steps", "events", "raw"] as const satisfies TextName[];
type Level = (typeof LEVELS)[number];

/** Which of them is looked at stands in the place, so that it can be sent to somebody. */
function levelOf(): Level {
  return LEVELS.find((each) => each === asked("level")) ?? "steps";
}

function Facts({ of }: { of: Answer }) {
  return (
    <dl class="facts">
      {of.containers.length > 0 && <><dt>{text("containers")}</dt><dd>{of.containers.join("  ")}</dd></>}
      {of.declarations.map((declaration) => (
        <><dt>{text("declarations")}</dt>
          <dd>{declaration.entry_number || declaration.id} <b>{named(declaration, "state")}</b>{" "}
            {declaration.modes.map((mode) => <span class="chip">{named(mode)}</span>)}</dd></>
      ))}
      {of.bookings.map((booking) => (
        <><dt>{text("bookings")}</dt>
          <dd>{booking.id} <b>{named(booking, "state")}</b> {booking.site} {moment(booking.slot_start)}</dd></>
      ))}
    </dl>
  );
}

/** Three answers before anything else. What is said aloud is what changes, and not how time goes by. */
function Headline({ of, steps, at, asOf, acting }: { of: Answer; steps: Step[]; at: Date; asOf: Date; acting: Acting }) {
  const { step, sides } = acting;
  const slow = step !== null && isSlow(step, at);
  return (
    <div class="headline">
      <p class="aloud" role="status">{[named(of, "state"), step ? named(step) : steps.length > 0 ? text("nothing_left") : "", step ? turn(step, sides) : ""].filter(Boolean).join(", ")}</p>
      <div><span class="label">{text("where")}</span><b>{named(of, "state")}</b></div>
      {steps.length > 0 && <div><span class="label">{text("next")}</span><b>{step ? named(step) : text("nothing_left")}</b>
        {step?.start ? <span class="faint"> {text("waits_for", duration(Math.max(0, secondsBetween(step.start, at))))}</span>
         : step?.planned && <span class="faint"> {text("planned")} {moment(step.planned)} {behindPlan(step, at)}</span>}</div>}
      {step && <div class={`acts by-${sides[0] ?? ""}${slow ? " slow" : ""}${sides.some(isSide) ? " mine" : ""}`}><span class="label">{text("who_acts")}</span>
        <b>{turn(step, sides)}</b>
        <span class="faint"> {range(step)}{slow && ` ${text("longer_than_usual")}`}</span></div>}
      <div class="faint as-of">{text("updated", moment(asOf))}</div>
    </div>
  );
}

function AlertNotes({ of }: { of: Alert[] }) {
  return (
    <>
      {of.map((alert) => (
        <p class={alert.alarm ? "note bad" : "note warn"}>
          <span class={alert.alarm ? "sign failed" : "sign warning"}>{named(alert, "alert")}</span> {alert.thing}{" "}
          <span class="faint">{text("since")} {moment(alert.since)}, {named(alert, "state")}{alert.note && `: ${alert.note}`}</span>{" "}
          <a href={link("/alerts", { alert: alert.alert })}>{alert.alert}</a>
        </p>
      ))}
    </>
  );
}

function One({ of, usual, asOf }: { of: Answer; usual: Usual | null; asOf: Date }) {
  const [alerts] = useAnswer<{ alerts: Alert[] }>("alerts?subject=" + encodeURIComponent(of.subject), (subject) => subject === of.subject);
  const level = levelOf();
  const at = now.value > asOf ? now.value : asOf;
  const steps = stepsOf(of, usual);
  const acting = { step: nextOf(steps), sides: actorsOf(of, steps) };
  return (
    <article class="consignment">
      <h1>{of.bill} <span class="faint">{of.port} {of.direction && text(of.direction === "export" ? "export" : "import")}</span></h1>
      <Headline of={of} steps={steps} at={at} asOf={asOf} acting={acting} />
      <AlertNotes of={alerts.data?.alerts ?? []} />
      <Facts of={of} />
      {isDeclarant() && of.declarations.some((each) => !["released", "closed", "cancelled"].includes(each.state)) && (
        <p class="screen-only"><a href={link("/inspections", { bill: of.bill })}>{text("book")}</a></p>
      )}
      <PickUps subject={of.subject} />
      <Tabs label={text("consignment")} names={LEVELS} chosen={level} choose={(next) => go(link(path.value, { level: next === "steps" ? "" : next }))}>
        {level === "steps" && <Steps steps={steps} at={at} acting={acting} />}
        {level === "events" && <Events lines={of.timeline} />}
        {level === "raw" && <Raw lines={of.timeline} />}
      </Tabs>
      {of.more && <p class="note">{text("more")}</p>}
    </article>
  );
}

/** No goods are called so: a vessel may be, whose calls at the port those see who have to do with them. */
function Elsewhere({ query }: { query: string }) {
  const [calls] = useAnswer<{ calls: { imo: string; vessel: string; voyage: string; port: string; eta: string }[] }>("calls?vessel=" + encodeURIComponent(query));
  const found = calls.data?.calls ?? [];
  const digit = checkDigit(query);
  return (
    <>
      <h1>{query}</h1>
      <div class="note" role="alert">{text("not_found")}
        {digit !== null && String(digit) !== query[10] && <b> {text("search_wrong_check", digit)}</b>}</div>
      <p class="faint">{text("not_found_why")}</p>
      {found.length > 0 && (
        <ul class="plain">{found.map((call) => (
          <li><a href={link("/lists/calls", { vessel: call.imo, voyage: call.voyage })}>{call.vessel} {call.voyage}</a>{" "}
            <span class="faint">IMO {call.imo}, {call.port}, {moment(call.eta)}</span></li>
        ))}</ul>
      )}
    </>
  );
}

/** said: what was asked for, where that is not called so and query is another way to write it. */
export function Consignment({ query, said = query }: { query: string; said?: string }) {
  const subjects = useSignal<Set<string>>(new Set());
  const [track, again] = useAnswer<Track>("track/" + encodeURIComponent(query), (subject) => subjects.value.has(subject));
  const [usual] = useAnswer<Usual>("usual");
  useAbout(track.data?.consignments[0]?.bill ?? "");
  useEffect(() => {
    subjects.value = new Set(track.data?.consignments.map((consignment) => consignment.subject));
  }, [track.data]);
  if (!track.data && track.problem?.status === 404) {
    const together = joined(query);
    return together && together !== query ? <Consignment key={together} query={together} said={said} /> : <Elsewhere query={said} />;
  }
  return (
    <Answered answer={track} again={again}>
      {(data) => data.consignments.map((consignment) => (
        <One key={consignment.subject} of={consignment} usual={usual.data} asOf={track.at!} />
      ))}
    </Answered>
  );
}
