// messages.tsx - messages looked up by what is known of them; and one of them: what was judged of it, shown where it stands,
// what was decided, and where it went.
import { asked, asQuery, go, link } from "../place";
import { Excerpts, useContent } from "../excerpt";
import { named, resultName, stateName, text } from "../texts";
import { Answered, Findings, LookUp, Table, useAbout, useAnswer, useNames } from "../pieces";
import { isFor } from "../session";
import type { Receipt } from "../ask";
import type { Finding } from "../problem";
import { moment } from "../time";

interface Message {
  record: number;
  recorded: string;
  party: string;
  account?: string; // of the person who handed it over
  family: string;
  id: string;
  status: string;
  receipt?: Receipt; // this, what was decided and where it went is not for who received it
  decision?: { record: number; result: string; subject: string; answer: { code: string; zh: string; en: string; findings: Finding[] } } | null;
  deliveries?: { party?: string; state: string; attempts: number; reason: string; words: string; zh: string; en: string }[];
}

/* Whose bytes are not to be had is told the places in words. */
function InPlace({ record, findings }: { record: number; findings: Finding[] }) {
  return <Excerpts content={useContent(record).content ?? ""} findings={findings} />;
}

function One({ of }: { of: Message }) {
  const goods = of.decision?.subject?.split("/")[1];
  const findings = [...(of.receipt?.findings ?? []), ...(of.decision?.answer.findings ?? [])];
  const deliveries = of.deliveries ?? [];
  const families = useNames("families");
  return (
    <article>
      <h2>{families(of.family)} {of.id} <span class="faint">{text("record")} {of.record}, {moment(of.recorded)}</span>{of.account && <span class="faint"> {text("handed_over_by", of.account)}</span>}</h2>
      <div class="headline">
        {of.receipt ? (
          <>
            <div><span class="label">{text("receipt")}</span><b class={of.receipt.verdict === "accepted" ? undefined : "worse"}>{text(("verdict_" + of.receipt.verdict) as "verdict_accepted")}</b></div>
            <div><span class="label">{text("decision")}</span><b>{of.decision ? named(of.decision.answer) || of.decision.answer.code : of.receipt.verdict === "accepted" ? text("waiting") : "–"}</b></div>
          </>
        ) : <div><span class="label">{text("from")}</span><b>{of.party}</b></div>}
        {goods && <div><span class="label">{text("consignment")}</span><a href={link("/track/" + encodeURIComponent(goods))}>{goods}</a></div>}
        <div><span class="label">{text("size")}</span>{of.receipt && <b>{of.receipt.size} </b>}<a href={`/v1/messages/${of.record}/content`} download={`${of.record}.xml`}>{text("download")}</a></div>
      </div>
      {findings.some((finding) => finding.line > 0) ? <InPlace record={of.record} findings={findings} /> : <Findings findings={findings} />}
      {deliveries.length > 0 && (
        <Table label={text("deliveries")} heads={[text("party"), text("state"), text("tries"), text("what")]}>
          {deliveries.map((delivery) => (
            <tr><td>{delivery.party}</td><td>{stateName(delivery.state)}</td><td class="figure">{delivery.attempts}</td>
              <td class="words">{named(delivery)} {delivery.words}</td></tr>
          ))}
        </Table>
      )}
    </article>
  );
}

const RECORD = /^\d{1,12}$/;

function Looked({ query }: { query: string }) {
  const path = RECORD.test(query) ? "messages/" + query : "messages?id=" + encodeURIComponent(query);
  const [answer, again] = useAnswer<Message>(path, () => true);
  return <Answered answer={answer} again={again}>{(data) => <One of={data} />}</Answered>;
}

/* --- looked up ---------------------------------------------------------------------------------------------------------- */

interface Row {
  record: number;
  recorded: string;
  party: string;
  family: string;
  id: string;
  verdict: string;
  verdict_zh: string;
  verdict_en: string;
  result: string;
  subject: string;
}

interface Received {
  messages: Row[];
  more: boolean;
  next?: string;
}

const FILTERS = ["id", "party", "family", "verdict", "since", "until", "after"] as const;
const VERDICTS = ["", "accepted", "refused", "conflict"];

type Filter = (typeof FILTERS)[number];

function filters(): Record<Filter, string> {
  return Object.fromEntries(FILTERS.map((name) => [name, asked(name)])) as Record<Filter, string>;
}

/* A change of what is looked for begins at the newest again. */
function Choices({ values }: { values: Record<Filter, string> }) {
  const change = (name: Filter, value: string) => go(link("/messages", { ...values, after: "", [name]: value.trim() }));
  const unsaid = (name: Filter) => (values[name] ? undefined : "screen-only");
  const field = (name: Filter, label: string) => (
    <label class={unsaid(name)}>{label} <input name={name} value={values[name]} maxLength={128} size={14} onChange={(event) => change(name, event.currentTarget.value)} /></label>
  );
  const day = (name: Filter, label: string) => (
    <label class={unsaid(name)}>{label} <input type="date" name={name} value={values[name]} onChange={(event) => change(name, event.currentTarget.value)} /></label>
  );
  return (
    <form class="choices" onSubmit={(event) => event.preventDefault()}>
      {field("id", text("number"))}
      {isFor({ kind: "messages", all: true }) && field("party", text("party"))}
      {field("family", text("family"))}
      <label class={unsaid("verdict")}>{text("receipt")} <select name="verdict" value={values.verdict} onChange={(event) => change("verdict", event.currentTarget.value)}>
        {VERDICTS.map((each) => <option value={each}>{each ? text(("verdict_" + each) as "verdict_accepted") : text("everything")}</option>)}
      </select></label>
      {day("since", text("since"))}
      {day("until", text("before_day"))}
    </form>
  );
}

/* id: of which they are, whatever the address asks for besides. */
function Search({ id }: { id: string }) {
  const families = useNames("families");
  const asks = filters();
  const values = id ? { ...asks, id } : asks;
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value));
  const [answer, again] = useAnswer<Received>("received" + asQuery(query), () => true);
  return (
    <>
      <Choices values={values} />
      <Answered answer={answer} again={again}>
        {(data) => data.messages.length === 0 ? <p class="note">{text("no_rows")}</p> : (
          <>
            <Table label={text("messages")} heads={[text("record"), text("when"), text("party"), text("family"), text("number"), text("receipt"), text("decision"), text("consignment")]}>
              {data.messages.map((row) => (
                <tr key={row.record}>
                  <td class="figure"><a href={link("/messages/" + row.record)}>{row.record}</a></td>
                  <td>{moment(row.recorded)}</td><td>{row.party}</td><td>{families(row.family)}</td><td class="id" title={row.id}>{row.id}</td>
                  <td><span class={"sign " + (row.verdict === "accepted" ? "ok" : "failed")}>{named(row, "verdict")}</span></td>
                  <td><span class={["refused", "held"].includes(row.result) ? "sign failed" : row.result && "sign"}>{resultName(row.result)}</span></td>
                  <td>{row.subject && <a href={link("/track/" + encodeURIComponent(row.subject.split("/")[1] ?? ""))}>{row.subject.split("/")[1]}</a>}</td>
                </tr>
              ))}
            </Table>
            {data.next && <p><a href={link("/messages", { ...values, after: data.next })}>{text("more_rows")}</a></p>}
          </>
        )}
      </Answered>
    </>
  );
}

export function Messages({ query }: { query: string }) {
  useAbout(RECORD.test(query) ? query : ""); // an address may hold anything
  const isAnybodys = !RECORD.test(query) && isFor({ kind: "messages", all: true }); // an own id is one of its sender
  return (
    <>
      <h1>{text("messages")}</h1>
      <LookUp label={text("look_up")} value={query} path="/messages" longest={128} />
      {query && !isAnybodys ? <Looked key={query} query={query} /> : <Search id={query} />}
    </>
  );
}
