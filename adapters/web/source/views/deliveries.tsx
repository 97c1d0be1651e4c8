// deliveries.tsx - what waits for somebody, and why: deliveries by destination, those that are parked, what is held or in
// quarantine, and answers of customs of which it cannot be told whose they are; and what is ordered of those that are chosen.
import { useSignal } from "@preact/signals";
import { ask } from "../ask";
import { asked, asQuery, go, link } from "../place";
import type { Problem } from "../problem";
import { named, stateName, text, troubled } from "../texts";
import { Answered, Table, useAnswer, useNames } from "../pieces";
import { Box, BoxOfAll, choose, type Chosen } from "./choosing";
import { linkAnswer, orderDeliveries, orderRecords, Orders, type Order } from "./orders";
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
  id?: string;
  since: string;
  zh?: string;
  en?: string;
  age_s?: number;
}

interface Answer {
  record: number;
  customs: string;
  id: string;
  seq_no: string;
  entry_number: string;
  event: string;
  since: string;
  age_s: number;
}

interface Backlog {
  totals: Total[];
  deliveries: Delivery[];
  more: boolean;
  next?: string;
  held?: Aside[];
  quarantined?: Aside[];
  answers?: Answer[];
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
  const families = useNames("families");
  return of?.length ? (
    <section>
      <h2>{title}</h2>
      <p class="choices"><BoxOfAll ids={of.map((each) => String(each.record))} chosen={chosen} /></p>
      <Table label={title} heads={["", text("record"), text("party"), text("number"), text("when"), text("why")]}>
        {of.map((each) => (
          <tr key={each.record}>
            <Box id={String(each.record)} chosen={chosen} />
            <Record number={each.record} />
            <td>{each.party} {families(each.family ?? "")}</td>
            <td>{each.id}</td>
            <td>{moment(each.since)} {each.age_s !== undefined && <span class="faint">{duration(each.age_s)}</span>}</td>
            <td class="words">{each.zh !== undefined && named(each)}</td>
          </tr>
        ))}
      </Table>
      <Orders orders={orders} chosen={[...chosen.value]} give={orderRecords} after={() => { chosen.value = new Set(); after(); }} />
    </section>
  ) : null;
}

/* --- answers of customs of which it cannot be told whose they are --------------------------------------------------------- */

interface Declaration {
  record: number;
  party: string;
  id: string;
  subject: string;
}

/* By its record, or the newest of that id: two parties may have one alike, so who it is of is shown. */
async function declarationOf(words: string): Promise<Declaration | null> {
  if (!/^\d{1,12}$/.test(words)) {
    return (await ask<{ messages: Declaration[] }>("received?" + new URLSearchParams({ family: "declaration", id: words, limit: "1" }))).messages[0] ?? null;
  }
  const { record, party, id, decision } = await ask<Declaration & { decision: { subject: string } | null }>("messages/" + words);
  return { record, party, id, subject: decision?.subject ?? "" };
}

/** Looks the declaration up by its record or its own id, shows which it is, and only then says that the answer is its. */
function LinkOne({ answer, after, leave }: { answer: number; after: () => void; leave: () => void }) {
  const typed = useSignal(""), reason = useSignal("");
  const found = useSignal<Declaration | null>(null);
  const trouble = useSignal("");
  const isBusy = useSignal(false);
  const doing = async (what: () => Promise<void>) => {
    trouble.value = "";
    isBusy.value = true;
    await what().catch((problem: Problem) => { trouble.value = problem.status === 404 ? text("not_found") : troubled(problem); });
    isBusy.value = false;
  };
  const look = () => doing(async () => {
    found.value = await declarationOf(typed.value.trim());
    trouble.value = found.value ? "" : text("not_found");
  });
  const order = () => doing(async () => {
    const problem = await linkAnswer(answer, found.value!.record, reason.value.trim());
    if (problem) {
      throw problem;
    }
    after();
  });
  return (
    <section class="task">
      <h2>{text("link_answer", answer)}</h2>
      <form class="search" onSubmit={(event) => { event.preventDefault(); void look(); }}>
        <input name="declaration" aria-label={text("which_declaration")} placeholder={text("which_declaration")} value={typed.value} maxLength={128} required
               onInput={(event) => { typed.value = event.currentTarget.value; found.value = null; }} />
        <button type="submit" disabled={isBusy.value}>{text("show")}</button>
      </form>
      {found.value && (
        <p role="status"><a href={link("/messages/" + found.value.record)}>{found.value.record}</a> <b>{found.value.id}</b> {found.value.party}, {found.value.subject}</p>
      )}
      <form class="orders" onSubmit={(event) => { event.preventDefault(); void order(); }}>
        <label>{text("reason")} <input name="reason" value={reason.value} maxLength={300} placeholder={text("reason_hint")}
                                       onInput={(event) => { reason.value = event.currentTarget.value; }} /></label>
        <button type="submit" class="sure" disabled={isBusy.value || !found.value || !reason.value.trim()}>{text("link")}</button>
        <button type="button" onClick={leave}>{text("cancel")}</button>
      </form>
      {trouble.value && <p class="note bad" role="alert">{trouble.value}</p>}
    </section>
  );
}

function Unlinked({ of, after }: { of: Answer[] | undefined; after: () => void }) {
  const open = useSignal(0);
  return of?.length ? (
    <section>
      <h2>{text("unlinked")}</h2>
      <Table label={text("unlinked")} heads={[text("record"), text("party"), text("answers"), text("entry_number"), text("when"), ""]}>
        {of.map((each) => (
          <>
            <tr key={each.record}>
              <Record number={each.record} />
              <td>{each.customs}</td>
              <td>{each.id || each.seq_no}</td>
              <td>{each.entry_number}</td>
              <td>{moment(each.since)} <span class="faint">{duration(each.age_s)}</span></td>
              <td><button type="button" aria-expanded={open.value === each.record}
                          onClick={() => { open.value = open.value === each.record ? 0 : each.record; }}>{text("link")}</button></td>
            </tr>
            {open.value === each.record && (
              <tr><td colSpan={6} class="whole"><LinkOne answer={each.record} leave={() => { open.value = 0; }} after={() => { open.value = 0; after(); }} /></td></tr>
            )}
          </>
        ))}
      </Table>
    </section>
  ) : null;
}

export function Deliveries() {
  const values = Object.fromEntries(FILTERS.map((name) => [name, asked(name)]));
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value));
  const [answer, again] = useAnswer<Backlog>("queue" + asQuery(query), () => true);
  const change = (name: string, value: string) => go(link("/deliveries", { ...values, [name]: value.trim() }));
  const field = (name: string, label: string) => (
    <label class={values[name] ? undefined : "screen-only"}>{label} <input name={name} value={values[name]} maxLength={64} size={12} onChange={(event) => change(name, event.currentTarget.value)} /></label>
  );
  return (
    <>
      <h1>{text("deliveries")}</h1>
      <form class="choices" onSubmit={(event) => event.preventDefault()}>
        <label>{text("state")} <select name="state" value={values.state} onChange={(event) => change("state", event.currentTarget.value)}>
          {STATES.map((each) => <option value={each}>{each ? stateName(each) : text("waiting_or_parked")}</option>)}
        </select></label>
        {field("to", text("destination"))}
        {field("from", text("from"))}
        {field("family", text("family"))}
        {field("because", text("because"))}
      </form>
      <Answered answer={answer} again={again}>
        {(data) => {
          const { totals = [], deliveries = [], held, quarantined, answers } = data;
          const nothing = [totals, deliveries].every((list) => list.length === 0) && !["held", "quarantined"].includes(values.state!);
          const none = nothing || [totals, deliveries, held, quarantined, answers].every((list) => !list?.length);
          return (
            <>
              {none && <p class="note">{text(values.state ? "no_rows" : "nothing_waits")}</p>}
              {totals.length > 0 && <Totals of={totals} />}
              <Open key={String(query)} data={{ ...data, deliveries }} query={query} after={again} />
              <SetAside title={text("held")} of={held} orders={["release"]} after={again} />
              <SetAside title={text("quarantined")} of={quarantined} orders={["release", "drop"]} after={again} />
              <Unlinked of={answers} after={again} />
            </>
          );
        }}
      </Answered>
    </>
  );
}
