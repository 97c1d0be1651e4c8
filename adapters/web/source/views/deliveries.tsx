// deliveries.tsx - what waits for somebody, and why: deliveries by destination, those that are parked, what is held or in
// quarantine, and answers of customs of which it cannot be told whose they are. What is done about it is the operator's
// command (clearway queue), which asks for a reason.
import { asked, go, link } from "../place";
import { named, text } from "../texts";
import { Answered, Table, useAnswer } from "../pieces";
import { duration, moment } from "../time";

interface Total {
  party: string;
  state: string;
  n: number;
  oldest: string;
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
  held?: Aside[];
  quarantined?: Aside[];
  answers?: Aside[];
}

const STATES = ["", "waiting", "parked", "delivered", "dropped", "kept"];

function Record({ number }: { number: number }) {
  return <td class="figure"><a href={link("/messages/" + number)}>{number}</a></td>;
}

function Totals({ of }: { of: Total[] }) {
  return (
    <Table label={text("by_destination")} heads={[text("party"), text("state"), text("n"), text("oldest")]}>
      {of.map((total) => (
        <tr>
          <td><a href={link("/deliveries", { to: total.party, state: total.state })}>{total.party}</a></td>
          <td>{total.state}</td>
          <td class="figure">{total.n}</td>
          <td>{moment(total.oldest)}</td>
        </tr>
      ))}
    </Table>
  );
}

function Each({ of }: { of: Delivery[] }) {
  return (
    <Table label={text("deliveries")} heads={[text("record"), text("party"), text("consignment"), text("state"), text("n"), text("why"), text("next_try")]}>
      {of.map((delivery) => (
        <tr>
          <Record number={delivery.record} />
          <td>{delivery.party}</td>
          <td>{delivery.subject.split("/")[1]}</td>
          <td>{delivery.state}</td>
          <td class="figure">{delivery.attempts}</td>
          <td class="words">{named(delivery)} {delivery.words} {delivery.behind && text("behind", delivery.behind)}</td>
          <td>{moment(delivery.next)}</td>
        </tr>
      ))}
    </Table>
  );
}

function SetAside({ title, of }: { title: string; of: Aside[] | undefined }) {
  return of?.length ? (
    <section>
      <h2>{title}</h2>
      <Table label={title} heads={[text("record"), text("party"), text("number"), text("when"), text("why")]}>
        {of.map((each) => (
          <tr>
            <Record number={each.record} />
            <td>{each.party ?? each.customs} {each.family}</td>
            <td>{each.id}</td>
            <td>{moment(each.since)} {each.age_s !== undefined && <span class="faint">{duration(each.age_s)}</span>}</td>
            <td class="words">{each.zh !== undefined && named(each)}</td>
          </tr>
        ))}
      </Table>
    </section>
  ) : null;
}

export function Deliveries() {
  const state = asked("state"), to = asked("to");
  const query = new URLSearchParams({ ...(state && { state }), ...(to && { to }) });
  const [answer, again] = useAnswer<Backlog>("queue" + (query.size ? "?" + query : ""), () => true);
  return (
    <>
      <h1>{text("deliveries")}</h1>
      <form class="choices" onSubmit={(event) => event.preventDefault()}>
        <label>{text("state")} <select value={state} onChange={(event) => go(link("/deliveries", { state: event.currentTarget.value, to }))}>
          {STATES.map((each) => <option value={each}>{each}</option>)}
        </select></label>
        <label>{text("party")} <input value={to} maxLength={40} onChange={(event) => go(link("/deliveries", { state, to: event.currentTarget.value.trim() }))} /></label>
      </form>
      <Answered answer={answer} again={again}>
        {(data) => (
          <>
            {data.totals.length + data.deliveries.length === 0 && <p class="note">{text("nothing_waits")}</p>}
            {data.totals.length > 0 && <Totals of={data.totals} />}
            {data.deliveries.length > 0 && <Each of={data.deliveries} />}
            {data.more && <p class="note">{text("more")}</p>}
            <SetAside title={text("held")} of={data.held} />
            <SetAside title={text("quarantined")} of={data.quarantined} />
            <SetAside title={text("unlinked")} of={data.answers} />
          </>
        )}
      </Answered>
    </>
  );
}
