// orders.tsx - what an operator orders of what waits: chosen, counted, a reason, and only then done. The gateway records each
// with the account and the reason, as `clearway queue` does.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { headers, problemOf, UNREACHABLE, type Problem } from "../problem";
import { text, troubled, type TextName } from "../texts";

const AT_ONCE = 128; // deliveries in one request (API_ORDERS_MAX)

export type Order = "redrive" | "drop" | "release" | "alert-ack" | "link";

interface Left {
  id: string;
  code: string;
}

export interface Done {
  recorded: number;
  left: Left[];
  problem: Problem | null; // it ended there
}

async function post(path: string, reason: string, body = ""): Promise<Response> {
  return fetch(`/v1/orders/${path}${path.includes("?") ? "&" : "?"}reason=${encodeURIComponent(reason)}`,
               { method: "POST", headers: { ...headers(), "Content-Type": "text/plain" }, body });
}

/** Deliveries by their ids, many in one request. */
export async function orderDeliveries(order: Order, ids: string[], reason: string): Promise<Done> {
  const done: Done = { recorded: 0, left: [], problem: null };
  for (let first = 0; first < ids.length && !done.problem; first += AT_ONCE) {
    const response = await post("deliveries/" + order, reason, ids.slice(first, first + AT_ONCE).join("\n")).catch(() => null);
    if (!response) {
      done.problem = UNREACHABLE;
    } else if (response.ok) {
      const told = (await response.json()) as { recorded: number; left: Left[] };
      done.recorded += told.recorded;
      done.left.push(...told.left);
    } else {
      done.problem = await problemOf(response);
    }
  }
  return done;
}

/** Records by their numbers, one after the other: what the gateway decides of each is waited for. */
export async function orderRecords(order: Order, ids: string[], reason: string): Promise<Done> {
  const done: Done = { recorded: 0, left: [], problem: null };
  for (const id of ids) {
    const response = await post(`records/${order}?record=${id}`, reason).catch(() => null);
    if (!response) {
      done.problem = UNREACHABLE;
      break;
    } else if (response.ok) {
      done.recorded++;
    } else if (response.status === 409) { // recorded, and refused
      const problem = await problemOf(response);
      done.left.push({ id, code: problem.detail || problem.code });
    } else {
      done.problem = await problemOf(response);
      break;
    }
  }
  return done;
}

/** The waiting answer of customs is that of the declaration of this record. null: it is; else what was said instead. */
export async function linkAnswer(answer: number, declaration: number, reason: string): Promise<Problem | null> {
  const response = await post(`records/link?record=${answer}&to=${declaration}`, reason).catch(() => null);
  return !response ? UNREACHABLE : response.ok ? null : problemOf(response);
}

/** The bar below a list in which some are chosen. */
export function Orders({ orders, chosen, give, after }: {
  orders: Order[]; chosen: string[]; give: (order: Order, ids: string[], reason: string) => Promise<Done>; after: () => void;
}) {
  const reason = useSignal("");
  const asked = useSignal<Order | null>(null);
  const isBusy = useSignal(false);
  const done = useSignal<Done | null>(null);
  const confirm = useRef<HTMLButtonElement>(null);
  useEffect(() => { confirm.current?.focus(); }, [asked.value]);
  const go = async () => {
    const order = asked.value!;
    isBusy.value = true;
    done.value = await give(order, chosen, reason.value.trim());
    isBusy.value = false;
    asked.value = null;
    reason.value = "";
    after();
  };
  const missing = chosen.length === 0 || reason.value.trim() === "";
  return (
    <form class={chosen.length ? "orders screen-only" : "orders idle screen-only"} onSubmit={(event) => event.preventDefault()}>
      <span role="status">{text("chosen", chosen.length)}</span>
      <label>{text("reason")} <input name="reason" value={reason.value} maxLength={300} disabled={asked.value !== null} placeholder={text("reason_hint")}
                                     onInput={(event) => { reason.value = event.currentTarget.value; }} /></label>
      {asked.value === null ? orders.map((order) => (
        <button type="button" disabled={missing} onClick={() => { done.value = null; asked.value = order; }}>{text(order)}</button>
      )) : (
        <>
          <button type="button" ref={confirm} class="sure" disabled={isBusy.value} onClick={() => void go()}>
            {text(("confirm_" + asked.value) as TextName, chosen.length)}</button>
          <button type="button" disabled={isBusy.value} onClick={() => { asked.value = null; }}>{text("cancel")}</button>
        </>
      )}
      <div class="told" aria-live="polite">
        {done.value && (
          <p class={done.value.problem || done.value.left.length > 0 ? "note bad" : "note"}>
            {text("recorded_n", done.value.recorded)}
            {done.value.left.map((left) => <span> {text("left_n", left.id, left.code)}</span>)}
            {done.value.problem && " " + troubled(done.value.problem)}
          </p>
        )}
      </div>
    </form>
  );
}
