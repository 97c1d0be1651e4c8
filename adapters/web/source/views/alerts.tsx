// alerts.tsx - alerts 预警: goods that are as they are for too long, or should not be so, the alarms first. Who runs the gateway
// acknowledges them 确认知悉, with a word on what is done about it.
import { useSignal } from "@preact/signals";
import { asked, go, link } from "../place";
import { isFor } from "../session";
import { named, text, type TextName } from "../texts";
import { now } from "../clock";
import { Answered, Table, useAnswer } from "../pieces";
import { duration, moment, secondsBetween } from "../time";
import type { Alert } from "./answers";
import { Box, BoxOfAll, type Chosen } from "./choosing";
import { Pages } from "./lists";
import { orderRecords, Orders } from "./orders";

const STATES: Record<string, TextName> = { "": "alerts_now", open: "alerts_open", acknowledged: "alerts_known", closed: "alerts_over" };
const ROWS = "100";

function Rows({ of, chosen }: { of: Alert[]; chosen: Chosen | null }) {
  return (
    <Table label={text("alerts")} heads={[...(chosen ? [""] : []), text("alert"), text("consignment"), text("of_it"), text("since"), text("state"), text("done_about")]}>
      {of.map((alert) => (
        <tr key={`${alert.alert} ${alert.subject} ${alert.thing}`} class={alert.alarm && alert.state === "open" ? "alarm" : undefined}>
          {chosen && (alert.state === "open" ? <Box id={String(alert.record)} chosen={chosen} /> : <td />)}
          <td class="words"><span class={alert.alarm ? "sign failed" : "sign warning"}>{alert.alarm && text("alarm")} {named(alert, "alert") || alert.alert}</span>{" "}
            <span class="faint">{alert.alert}</span></td>
          <td><a href={link("/track/" + encodeURIComponent(alert.subject.split("/")[1] ?? ""))}>{alert.subject.split("/")[1]}</a></td>
          <td>{alert.thing}</td>
          <td>{moment(alert.since)} {alert.state !== "closed" && <span class="faint">{duration(Math.max(0, secondsBetween(alert.since, now.value)))}</span>}</td>
          <td>{named(alert, "state")}</td>
          <td class="words">{alert.note}</td>
        </tr>
      ))}
    </Table>
  );
}

/** How many there are of each kind, of those that are shown: one click shows only these, or all again. */
function Kinds({ of, chosen, more, to }: { of: Alert[]; chosen: string; more: boolean; to: (code: string) => string }) {
  const kinds = new Map<string, { alert: Alert; n: number }>();
  for (const alert of of) {
    kinds.set(alert.alert, { alert: kinds.get(alert.alert)?.alert ?? alert, n: (kinds.get(alert.alert)?.n ?? 0) + 1 });
  }
  return (
    <p class="screen-only kinds">
      {[...kinds].map(([code, { alert, n }]) => (
        <a class="chip" href={to(chosen === code ? "" : code)} aria-current={chosen === code ? "true" : undefined}>
          <span class={alert.alarm ? "sign failed" : "sign warning"}>{named(alert, "alert") || code}</span> <b>{n}{more && "+"}</b>{chosen === code && " ✕"}</a>
      ))}
    </p>
  );
}

export function Alerts() {
  const values = { state: asked("state"), alert: asked("alert") };
  const query = new URLSearchParams([...Object.entries(values).filter(([, value]) => value), ["limit", ROWS]]);
  const [answer, again] = useAnswer<{ alerts: Alert[]; next?: string }>("alerts?" + query, () => true);
  const chosen = useSignal<ReadonlySet<string>>(new Set());
  const mayOrder = isFor({ kind: "gateway", all: true }) && ["", "open"].includes(values.state);
  const change = (name: "state" | "alert", value: string) => go(link("/alerts", { ...values, [name]: value.trim() }));
  return (
    <>
      <h1>{text("alerts")}</h1>
      <form class="choices screen-only" onSubmit={(event) => event.preventDefault()}>
        <label>{text("state")} <select name="state" value={values.state} onChange={(event) => change("state", event.currentTarget.value)}>
          {Object.entries(STATES).map(([state, name]) => <option value={state}>{text(name)}</option>)}
        </select></label>
        <label>{text("alert_code")} <input name="alert" value={values.alert} maxLength={16} size={6} onChange={(event) => change("alert", event.currentTarget.value.toUpperCase())} /></label>
      </form>
      <Answered answer={answer} again={again}>
        {(data) => (
          <Pages of={{ name: "alerts", member: "alerts" }} query={query} first={data as unknown as Record<string, unknown>}>
            {(rows) => {
              const alerts = rows as unknown as Alert[];
              const open = [...new Set(alerts.filter((alert) => alert.state === "open").map((alert) => String(alert.record)))];
              const isOrdered = mayOrder && open.length > 0;
              return alerts.length === 0 ? <p class="note">{text("no_alerts")}</p> : (
                <>
                  <Kinds of={alerts} chosen={values.alert} more={!!data.next} to={(alert) => link("/alerts", { ...values, alert })} />
                  {isOrdered && <p class="choices screen-only"><BoxOfAll ids={open} chosen={chosen} /></p>}
                  <Rows of={alerts} chosen={isOrdered ? chosen : null} />
                  {isOrdered && <Orders orders={["alert-ack"]} chosen={[...chosen.value]} give={orderRecords}
                                        after={() => { chosen.value = new Set(); again(); }} />}
                </>
              );
            }}
          </Pages>
        )}
      </Answered>
    </>
  );
}
