// home.tsx - the search, which also stands at the top of every page: one number, and straight to the thing.
import { useSignal } from "@preact/signals";
import { checkDigit } from "../container";
import { meant } from "../number";
import { useAnswer } from "../pieces";
import { go, link } from "../place";
import { isFor } from "../session";
import { named, text } from "../texts";
import { now } from "../clock";
import { duration, moment, secondsBetween } from "../time";
import { callOf, imoDigit } from "../vessel";
import type { Alert, Track, Usual } from "./answers";
import { actorsOf, nextOf, stepsOf } from "./steps";
import { turn } from "./turn";

/** What is wrong with a number while it is typed; "": nothing that shows. */
function objection(number: string): string {
  const digit = checkDigit(number);
  const vessel = callOf(number)?.vessel ?? "", imo = imoDigit(vessel);
  return digit !== null && String(digit) !== number[10] ? text("search_wrong_check", digit)
       : imo !== null && String(imo) !== vessel[6] ? text("search_wrong_imo", imo) : "";
}

export function Search({ isLarge = false }: { isLarge?: boolean }) {
  const typed = useSignal("");
  const number = meant(typed.value);
  const wrong = objection(number.toUpperCase());
  const submit = (event: Event) => {
    event.preventDefault();
    if (number) {
      const call = callOf(number);
      go(call ? link("/lists/calls", call) : link("/track/" + encodeURIComponent(number)));
      typed.value = "";
    }
  };
  return (
    <form class={isLarge ? "search large" : "search"} role="search" onSubmit={submit}>
      <input type="search" aria-label={text("search_hint")} placeholder={text("search_hint")} maxLength={128}
             autocomplete="off" spellcheck={false} value={typed.value} aria-describedby={wrong ? "objection" : undefined}
             autoFocus={isLarge} onInput={(event) => { typed.value = event.currentTarget.value; }} />
      <button type="submit">{text("search")}</button>
      {wrong && <span id="objection" class="objection" role="status">{wrong}</span>}
    </form>
  );
}

const FEW = 6, RECENT = 6;

function Goods({ bill }: { bill: string }) {
  return <a href={link("/track/" + encodeURIComponent(bill))}>{bill}</a>;
}

/** What somebody should look after, without searching for it. */
function Few() {
  const [answer] = useAnswer<{ alerts: Alert[]; next?: string }>("alerts?state=open&limit=" + FEW, () => true);
  const alerts = answer.data?.alerts ?? [];
  return answer.data && (
    <section>
      <h2>{text("yours_alerts")}</h2>
      {alerts.length === 0 && <p class="faint">{text("none_to_look_after")}</p>}
      <ul class="plain lines">
        {alerts.map((alert) => (
          <li>
            <span class={alert.alarm ? "sign failed" : "sign warning"}><Goods bill={alert.subject.split("/")[1] ?? ""} /></span>
            <span>{named(alert, "alert")} {alert.thing && <span class="faint">{alert.thing}</span>}</span>
            <span class="faint" title={moment(alert.since)}>{duration(Math.max(0, secondsBetween(alert.since, now.value)))}</span>
          </li>
        ))}
      </ul>
      {answer.data.next && <p><a href={link("/alerts")}>{text("all_alerts")}</a></p>}
    </section>
  );
}

interface Sent {
  recorded: string;
  subject: string;
}

/* Where it stands, and whose turn it is. */
function Where({ of, usual }: { of: Sent; usual: Usual | null }) {
  const bill = of.subject.split("/")[1] ?? "";
  const [answer] = useAnswer<Track>("track/" + encodeURIComponent(bill), (subject) => subject === of.subject);
  const goods = answer.data?.consignments.find((each) => each.subject === of.subject);
  const steps = goods ? stepsOf(goods, usual) : [];
  const step = nextOf(steps), sides = goods ? actorsOf(goods, steps) : [];
  return answer.problem?.status !== 404 && ( // what is rated or noticed is not always one's goods
    <li>
      <Goods bill={bill} />
      <span>{goods && <b>{named(goods, "state")}</b>} {step && <span class={`turn by-${sides[0] ?? ""}`}>{named(step)} <b>{turn(step, sides)}</b></span>}</span>
      <span class="faint">{moment(of.recorded)}</span>
    </li>
  );
}

/** The goods that one has sent messages of, the newest first. */
function Recent() {
  const [usual] = useAnswer<Usual>("usual");
  const [answer] = useAnswer<{ messages: Sent[] }>("received?limit=100", () => true);
  const goods = [...new Map((answer.data?.messages ?? []).filter((each) => each.subject).reverse().map((each) => [each.subject, each])).values()]
    .sort((a, b) => (a.recorded < b.recorded ? 1 : -1)).slice(0, RECENT);
  return goods.length > 0 && (
    <section>
      <h2>{text("recent_goods")}</h2>
      <ul class="plain lines">
        {goods.map((each) => <Where key={each.subject} of={each} usual={usual.data} />)}
      </ul>
    </section>
  );
}

/** How the gateway itself stands, for who runs it. */
function Standing() {
  const [answer] = useAnswer<Record<"failed" | "warning" | "unknown" | "ok", number>>("diagnostics", () => true);
  const one = answer.data;
  const worst = one && (["failed", "warning", "unknown", "ok"] as const).find((state) => one[state] > 0);
  return worst && (
    <p class="note"><a href={link("/diagnostics")}>{text("diagnostics")}</a> <span class={"sign " + worst}>
      {worst === "ok" ? text("all_well", one.ok) : (["failed", "warning", "unknown"] as const).filter((state) => one[state] > 0)
        .map((state) => `${text(`state_${state}`)} ${one[state]}`).join(text("and"))}</span></p>
  );
}

export function Home() {
  return (
    <section class="home">
      <h1>{text("search_head")}</h1>
      <Search isLarge />
      {isFor({ kind: "gateway" }) && <Standing />}
      <div class="halves">
        {isFor({ sends: true }) && !isFor({ kind: "goods", all: true }) && <Recent />}
        <Few />
      </div>
    </section>
  );
}
