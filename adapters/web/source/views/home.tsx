// home.tsx - the search, which also stands at the top of every page: one number, and straight to the thing.
import { useSignal } from "@preact/signals";
import { checkDigit } from "../container";
import { useAnswer } from "../pieces";
import { go, link } from "../place";
import { named, text } from "../texts";
import { moment } from "../time";
import { callOf, imoDigit } from "../vessel";
import type { Alert } from "./answers";

/** What is wrong with a number while it is typed; "": nothing that shows. */
function objection(number: string): string {
  const digit = checkDigit(number);
  const vessel = callOf(number)?.vessel ?? "", imo = imoDigit(vessel);
  return digit !== null && String(digit) !== number[10] ? text("search_wrong_check", digit)
       : imo !== null && String(imo) !== vessel[6] ? text("search_wrong_imo", imo) : "";
}

export function Search({ isLarge = false }: { isLarge?: boolean }) {
  const typed = useSignal("");
  const number = typed.value.trim().toUpperCase();
  const wrong = objection(number);
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

const FEW = 5;

/** What somebody should look after, without searching for it; nothing where there is nothing. */
function Few() {
  const [answer] = useAnswer<{ alerts: Alert[]; next?: string }>("alerts?state=open&limit=" + FEW, () => true);
  const alerts = answer.data?.alerts ?? [];
  return alerts.length > 0 && (
    <section>
      <h2>{text("yours_alerts")}</h2>
      <ul class="plain">
        {alerts.map((alert) => {
          const bill = alert.subject.split("/")[1] ?? "";
          return <li><span class={alert.alarm ? "sign failed" : "sign warning"}><a href={link("/track/" + encodeURIComponent(bill))}>{bill}</a></span>{" "}
            {named(alert, "alert")} <span class="faint">{text("since")} {moment(alert.since)}</span></li>;
        })}
      </ul>
      {answer.data?.next && <p><a href={link("/alerts")}>{text("all_alerts")}</a></p>}
    </section>
  );
}

export function Home() {
  return (
    <section class="home">
      <h1>{text("search_head")}</h1>
      <Search isLarge />
      <Few />
    </section>
  );
}
