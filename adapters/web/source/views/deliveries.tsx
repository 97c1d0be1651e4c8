// deliveries.tsx - what waits for somebody, and why: deliveries by destination, those that are parked, what is held or in
// quarantine, and answers of customs of which it cannot be told whose they are; and what is ordered of those that are chosen.
import { useSignal, type Signal } from "@preact/signals";
import { ask } from "../ask";
import { asked, go, link } from "../place";
import { named, stateName, text } from "../texts";
import { Answered, Table, useAnswer } from "../pieces";
import { orderDeliveries, orderRecords, Orders, type Order } from "./orders";
import { duration, moment } from "../time";

interface Total {
  party: string;
  state: string;
  n: number;
  oldest: number; // its record
}

interface Delivery {
  id: string;
  record: number;
  party: string;
  subject: string;
  family: string;
  state: string;
  attempts: number;
  words: string;
  zh: string;
  en: string;
  next: string;
  behind?: string;
}

interface Aside {
  record: number;
  party?: string;
  family?: string;
  customs?: string;
  id?: string;
  since: string;
  zh?: string;
  en?: string;
  age_s?: number;
}

interface Backlog {
  totals: Total[];
  deliveries: Delivery[];
  more: boolean;
  next?: string;
  held?: Aside[];
  quarantined?: Aside[];
  answers?: Aside[];
}

const STATES = ["", "waiting", "parked", "delivered", "dropped", "kept", "held", "quarantined"];
const FILTERS = ["state", "to", "from", "family", "because"] as const;
const PAGE_MAX = 1000;
const CHOSEN_MAX = 10_000;

/* What may be ordered of a delivery in that state: as the command has it. */
const OF_STATE: Record<string, Order[]> = { waiting: ["redrive", "drop"], parked: ["redrive", "drop"], dropped: ["redrive"], delivered: ["redrive"] };

function Record({ number }: { number: number }) {
  return <td class="figure"><a href={link("/messages/" + number)}>{number}</a></td>;
}

function Totals({ of }: { of: Total[] }) {
  return (
    <Table label={text("by_destination")} heads={[text("party"), text("state"), text("how_many"), text("oldest_record")]}>
      {of.map((total) => (
        <tr>
          <td><a href={link("/deliveries", { to: total.party, state: total.state })}>{total.party}</a></td>
          <td>{stateName(total.state)}</td>
          <td class="figure">{total.n}</td>
          <Record number={total.oldest} />
        </tr>
      ))}
    </Table>
  );
}

/* --- what is chosen ------------------------------------------------------------------------------------------------------ */

type Chosen = Signal<ReadonlySet<string>>;

function choose(chosen: Chosen, ids: string[], isChosen: boolean): void {
  const next = new Set(chosen.value);
  ids.forEach((id) => isChosen ? next.add(id) : next.delete(id));
  chosen.value = next;
}

function Box({ id, chosen }: { id: string; chosen: Chosen }) {
  return <td><input type="checkbox" aria-label={text("choose", id)} checked={chosen.value.has(id)}
                    onChange={(event) => choose(chosen, [id], event.currentTarget.checked)} /></td>;
}

function BoxOfAll({ ids, chosen }: { ids: string[]; chosen: Chosen }) {
  return <label class="screen-only"><input type="checkbox" checked={ids.length > 0 && ids.every((id) => chosen.value.has(id))}
                       onChange={(event) => choose(chosen, ids, event.currentTarget.checked)} /> {text("choose_shown")}</label>;
}

/* One page after the other, so that what is counted is what is ordered. */
async function matching(query: URLSearchParams): Promise<string[]> {
  const ids: string[] = [];
  for (let after = ""; ids.length < CHOSEN_MAX;) {
    const page = await ask<Backlog>("queue?" + new URLSearchParams([...query, ["limit", String(PAGE_MAX)], ...(after ? [["after", after]] : [])]));
    ids.push(...page.deliveries.map((each) => each.id));
    if (!page.next) {
      break;
    }
    after = page.next;
  }
  return ids;
}

function Each({ of, chosen }: { of: Delivery[]; chosen: Chosen }) {
  return (
    <Table label={text("deliveries")} heads={["", text("record"), text("party"), text("consignment"), text("state"), text("tries"), text("why"), text("next_try")]}>
      {of.map((delivery) => (
        <tr key={delivery.id}>
          <Box id={delivery.id} chosen={chosen} />
          <Record number={delivery.record} />
          <td>{delivery.party}</td>
          <td>{delivery.subject.split("/")[1]}</td>
          <td>{stateName(delivery.state)}</td>
          <td class="figure">{delivery.attempts}</td>
          <td class="words">{named(delivery)} {delivery.words} {delivery.behind && text("behind", delivery.behind)}</td>
          <td>{moment(delivery.next)}</td>
        </tr>
      ))}
    </Table>
  );
}

function Open({ data, query, after }: { data: Backlog; query: URLSearchParams; after: () => void }) {
  const chosen = useSignal<ReadonlySet<string>>(new Set());
  const isLooking = useSignal(false);
  const orders = OF_STATE[query.get("state") ?? ""] ?? ["redrive", "drop"];
  const chooseMatching = async () => {
    isLooking.value = true;
    await matching(query).then((ids) => choose(chosen, ids, true), () => undefined); // what could not be had is not chosen
    isLooking.value = false;
  };
  if (data.deliveries.length === 0) {
    return null;
  }
  return (
    <section>
      <h2>{text("deliveries")}</h2>
      <p class="choices screen-only">
        <BoxOfAll ids={data.deliveries.map((each) => each.id)} chosen={chosen} />
        {data.more && <button type="button" disabled={isLooking.value} onClick={() => void chooseMatching()}>{text("choose_matching")}</button>}
      </p>
      <Each of={data.deliveries} chosen={chosen} />
      {data.more && <p class="note">{text("more")}</p>}
      {query.get("state") !== "kept" && (
        <Orders orders={orders} chosen={[...chosen.value]} give={orderDeliveries} after={() => { chosen.value = new Set(); after(); }} />
      )}
    </section>
  );
}

/* --- records that are set aside ------------------------------------------------------------------------------------------ */

function SetAside({ title, of, orders, after }: { title: string; of: Aside[] | undefined; orders: Order[]; after: () => void }) {
  const chosen = useSignal<ReadonlySet<string>>(new Set());
  const isOrdered = orders.length > 0;
  return of?.length ? (
    <section>
      <h2>{title}</h2>
      {isOrdered && <p class="choices"><BoxOfAll ids={of.map((each) => String(each.record))} chosen={chosen} /></p>}
      <Table label={title} heads={[...(isOrdered ? [""] : []), text("record"), text("party"), text("number"), text("when"), text("why")]}>
        {of.map((each) => (
          <tr key={each.record}>
            {isOrdered && <Box id={String(each.record)} chosen={chosen} />}
            <Record number={each.record} />
            <td>{each.party ?? each.customs} {each.family}</td>
            <td>{each.id}</td>
            <td>{moment(each.since)} {each.age_s !== undefined && <span class="faint">{duration(each.age_s)}</span>}</td>
            <td class="words">{each.zh !== undefined && named(each)}</td>
          </tr>
        ))}
      </Table>
      {isOrdered && <Orders orders={orders} chosen={[...chosen.value]} give={orderRecords} after={() => { chosen.value = new Set(); after(); }} />}
    </section>
  ) : null;
}

export function Deliveries() {
  const values = Object.fromEntries(FILTERS.map((name) => [name, asked(name)]));
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value));
  const [answer, again] = useAnswer<Backlog>("queue" + (query.size ? "?" + query : ""), () => true);
  const change = (name: string, value: string) => go(link("/deliveries", { ...values, [name]: value.trim() }));
  const field = (name: string, label: string) => (
    <label>{label} <input name={name} value={values[name]} maxLength={64} size={12} onChange={(event) => change(name, event.currentTarget.value)} /></label>
  );
  return (
    <>
      <h1>{text("deliveries")}</h1>
      <form class="choices" onSubmit={(event) => event.preventDefault()}>
        <label>{text("state")} <select name="state" value={values.state} onChange={(event) => change("state", event.currentTarget.value)}>
          {STATES.map((each) => <option value={each}>{stateName(each)}</option>)}
        </select></label>
        {field("to", text("party"))}
        {field("from", text("from"))}
        {field("family", text("family"))}
        {field("because", text("because"))}
      </form>
      <Answered answer={answer} again={again}>
        {(data) => {
          const { totals = [], deliveries = [], held, quarantined, answers } = data;
          const nothing = [totals, deliveries, held, quarantined, answers].every((list) => !list?.length);
          return (
            <>
              {nothing && <p class="note">{text("nothing_waits")}</p>}
              {totals.length > 0 && <Totals of={totals} />}
              <Open key={String(query)} data={{ ...data, deliveries }} query={query} after={again} />
              <SetAside title={text("held")} of={held} orders={["release"]} after={again} />
              <SetAside title={text("quarantined")} of={quarantined} orders={["release", "drop"]} after={again} />
              <SetAside title={text("unlinked")} of={answers} orders={[]} after={again} />
            </>
          );
        }}
      </Answered>
    </>
  );
}
