// consignment.tsx - a consignment 票货: where it is, what comes next and who must act; then its steps drawn to scale, its
// events, and its messages, each the same run seen from nearer. Moves by itself when an event of it comes.
import { useSignal, type Signal } from "@preact/signals";
import { named, side, text, type TextName } from "../texts";
import { Excerpts, seen, useContent } from "../excerpt";
import { link } from "../place";
import { Answered, Table, Trouble, useAnswer } from "../pieces";
import type { Finding } from "../problem";
import { isDeclarant } from "../session";
import { duration, moment, secondsBetween } from "../time";
import type { Alert, Consignment as Answer, Line, Track, Usual } from "./answers";
import { PickUps } from "./pickups";
import { nextOf, stepsOf, type Step } from "./steps";

const WIDTH = 1000; // of the picture, in its own units

function range(step: Step): string {
  return step.p50 === null ? "" : text("usually", duration(step.p50), duration(step.p90!));
}

/* What a step took, or has taken so far; 0: it cannot be told. */
function taken(step: Step, now: Date): number {
  return step.start && step.state !== "to_come" ? Math.max(0, secondsBetween(step.start, step.end || now)) : 0;
}

/* On the picture: a step that is not done is as long as it usually takes, or longer. */
function length(step: Step, now: Date): number {
  return step.state === "done" ? taken(step, now) : Math.max(taken(step, now), step.p50 ?? 0);
}

/* By how much it ended, or is, behind what was planned, in words; "": nothing was planned. */
function behindPlan(step: Step, now: Date): string {
  if (!step.planned) {
    return "";
  }
  const late = secondsBetween(step.planned, step.end || now);
  return late >= 60 ? `${text("late")} ${duration(late)}` : step.end && late <= -60 ? `${text("early")} ${duration(-late)}` : step.end ? text("as_planned") : "";
}

/* It takes longer than nine of ten do. */
function isSlow(step: Step, now: Date): boolean {
  return step.state === "running" && step.p90 !== null && taken(step, now) > step.p90;
}

/** The steps side by side, as long as they took; those to come as long as they usually take. Below each, hollow, as far as it was
 *  planned to last. */
function Picture({ steps, now }: { steps: Step[]; now: Date }) {
  const lengths = steps.map((step) => length(step, now));
  const sum = lengths.reduce((total, seconds) => total + seconds, 0) || 1;
  const least = WIDTH * 0.03; // so that every step is seen
  const scale = (WIDTH - least * steps.length) / sum;
  let x = 0;
  return (
    <svg class="picture" viewBox={`0 0 ${WIDTH} ${steps.some((step) => step.planned) ? 58 : 46}`} role="img" aria-label={text("steps")} preserveAspectRatio="none">
      {steps.map((step, place) => {
        const width = least + lengths[place]! * scale;
        const at = x;
        x += width;
        const part = step.state === "running" ? taken(step, now) / (lengths[place] || 1) : 1;
        const inner = Math.max(1, width - 3);
        const planned = step.planned && step.start ? secondsBetween(step.start, step.planned) / (lengths[place] || 1) : step.planned ? 1 : 0;
        return (
          <g>
            <title>{`${named(step)}: ${text(step.state)} ${step.start ? duration(taken(step, now)) : range(step)}`
                    + (step.planned ? `, ${text("planned")} ${moment(step.planned)} ${behindPlan(step, now)}` : "")}</title>
            {planned > 0 && <g class="plan"><rect x={at} y={47} width={Math.max(1, Math.min(inner * planned, WIDTH - at - 3))} height={9} rx={3} /></g>}
            {part < 1 && <g class="rest"><rect x={at} y={4} width={inner} height={38} rx={3} /></g>}
            <g class={step.state}><rect x={at} y={4} width={Math.max(1, inner * part)} height={38} rx={3} /></g>
          </g>
        );
      })}
    </svg>
  );
}

function Steps({ steps, now }: { steps: Step[]; now: Date }) {
  return (
    <>
      <Picture steps={steps} now={now} />
      <Table label={text("steps")} heads={[text("step"), text("state"), text("who_acts"), text("began"), text("ended"), text("planned"), text("took"), text("usual")]}>
        {steps.map((step) => (
          <tr class={step.state}>
            <th scope="row">{named(step)}</th>
            <td><span class={"mark " + step.state} aria-hidden="true" /> {text(step.state)}</td>
            <td>{side(step.side)}</td>
            <td>{moment(step.start)}</td>
            <td>{moment(step.end)}</td>
            <td>{step.planned && <><span class="mark" aria-hidden="true" /> {moment(step.planned)}{" "}
              <span class={behindPlan(step, now).startsWith(text("late")) ? "worse" : "faint"}>{behindPlan(step, now)}</span></>}</td>
            <td class="figure">{step.start && step.state !== "to_come" ? duration(taken(step, now)) : ""}</td>
            <td class={isSlow(step, now) ? "worse" : "faint"}>{range(step)}{isSlow(step, now) && ` ${text("longer_than_usual")}`}</td>
          </tr>
        ))}
      </Table>
    </>
  );
}

function Events({ lines }: { lines: Line[] }) {
  return (
    <Table label={text("events")} heads={[text("when"), text("what"), text("state"), text("party"), text("record")]}>
      {lines.map((line) => (
        <tr class={line.taken_back_by ? "taken-back" : undefined}>
          <td>{moment(line.at)}</td>
          <td class="words">{named(line, "what")}
            {line.taken_back_by && <div class="faint">{text("taken_back", line.taken_back_by)}</div>}</td>
          <td>{named(line, "state")}</td>
          <td>{line.party}</td>
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
  const records = [...new Map(lines.filter((line) => line.party).map((line) => [line.record, line])).values()];
  return (
    <Table label={text("raw")} heads={[text("record"), text("what"), text("party"), text("when"), ""]}>
      {records.map((line) => (
        <>
          <tr>
            <td class="figure">{line.record}</td>
            <td>{line.family}</td>
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

function Levels({ level }: { level: Signal<Level> }) {
  return (
    <div class="tabs" role="tablist">
      {LEVELS.map((each) => (
        <button role="tab" aria-selected={level.value === each} onClick={() => { level.value = each; }}>{text(each)}</button>
      ))}
    </div>
  );
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

/** Three answers before anything else. */
function Headline({ of, steps, now }: { of: Answer; steps: Step[]; now: Date }) {
  const step = nextOf(steps);
  return (
    <div class="headline" aria-live="polite">
      <div><span class="label">{text("where")}</span><b>{named(of, "state")}</b></div>
      {steps.length > 0 && <div><span class="label">{text("next")}</span><b>{step ? named(step) : text("nothing_left")}</b>
        {step?.start && <span class="faint"> {text("waits_for", duration(Math.max(0, secondsBetween(step.start, now))))}</span>}</div>}
      {step && <div class={isSlow(step, now) ? "acts slow" : "acts"}><span class="label">{text("who_acts")}</span>
        <b>{step.side ? text(step.start ? "must_act" : "will_act", side(step.side)) : "–"}</b>
        <span class="faint"> {range(step)}{isSlow(step, now) && ` ${text("longer_than_usual")}`}</span></div>}
      <div class="faint">{text("updated", moment(now))}</div>
    </div>
  );
}

function One({ of, usual, alerts, at }: { of: Answer; usual: Usual | null; alerts: Alert[]; at: Date }) {
  const level = useSignal<Level>("steps");
  const steps = stepsOf(of, usual);
  return (
    <article class="consignment">
      <h1>{of.bill} <span class="faint">{of.port} {of.direction && text(of.direction === "export" ? "export" : "import")}</span></h1>
      <Headline of={of} steps={steps} now={at} />
      {alerts.map((alert) => (
        <p class="note bad"><b>{alert.alert} {named(alert, "alert")}</b> {alert.thing} {moment(alert.since)} {named(alert, "state")}</p>
      ))}
      <Facts of={of} />
      {isDeclarant() && of.declarations.length > 0 && (
        <p class="screen-only"><a href={link("/inspections", { bill: of.bill })}>{text("book")}</a></p>
      )}
      <PickUps subject={of.subject} />
      <Levels level={level} />
      {level.value === "steps" && <Steps steps={steps} now={at} />}
      {level.value === "events" && <Events lines={of.timeline} />}
      {level.value === "raw" && <Raw lines={of.timeline} />}
      {of.more && <p class="note">{text("more")}</p>}
    </article>
  );
}

/** No goods are called so: a vessel may be, whose calls at the port those see who have to do with them. */
function Elsewhere({ query }: { query: string }) {
  const [calls] = useAnswer<{ calls: { imo: string; vessel: string; voyage: string; port: string; eta: string }[] }>("calls?vessel=" + encodeURIComponent(query));
  const found = calls.data?.calls ?? [];
  return (
    <>
      <div class="note" role="alert">{text("not_found")}</div>
      {found.length > 0 && (
        <ul class="plain">{found.map((call) => (
          <li><a href={link("/lists/calls", { vessel: call.imo, voyage: call.voyage })}>{call.vessel} {call.voyage}</a>{" "}
            <span class="faint">IMO {call.imo}, {call.port}, {moment(call.eta)}</span></li>
        ))}</ul>
      )}
    </>
  );
}

export function Consignment({ query }: { query: string }) {
  const subjects = useSignal<Set<string>>(new Set());
  const [track, again] = useAnswer<Track>("track/" + encodeURIComponent(query), (subject) => subjects.value.has(subject));
  const [usual] = useAnswer<Usual>("usual");
  const [alerts] = useAnswer<{ alerts: Alert[] }>("alerts", (subject) => subjects.value.has(subject));
  if (track.data) {
    subjects.value = new Set(track.data.consignments.map((consignment) => consignment.subject));
  }
  if (!track.data && track.problem?.status === 404) {
    return <Elsewhere query={query} />;
  }
  return (
    <Answered answer={track} again={again}>
      {(data) => data.consignments.map((consignment) => (
        <One key={consignment.subject} of={consignment} usual={usual.data} at={track.at!}
             alerts={alerts.data?.alerts.filter((alert) => alert.subject === consignment.subject) ?? []} />
      ))}
    </Answered>
  );
}
