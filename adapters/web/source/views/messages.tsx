// messages.tsx - one message: what was judged of it, what was decided, and where it went.
import { link } from "../place";
import { named, text } from "../texts";
import { Answered, Findings, LookUp, Table, useAnswer } from "../pieces";
import type { Receipt } from "../ask";
import type { Finding } from "../problem";
import { moment } from "../time";

interface Message {
  record: number;
  recorded: string;
  party: string;
  family: string;
  id: string;
  status: string;
  receipt: Receipt;
  decision: { record: number; result: string; subject: string; answer: { code: string; zh: string; en: string; findings: Finding[] } } | null;
  deliveries: { party?: string; state: string; attempts: number; reason: string; words: string; zh: string; en: string }[];
}

function One({ of }: { of: Message }) {
  const goods = of.decision?.subject?.split("/")[1];
  return (
    <article>
      <h2>{of.family} {of.id} <span class="faint">{text("record")} {of.record}, {moment(of.recorded)}</span></h2>
      <div class="headline">
        <div><span class="label">{text("receipt")}</span><b>{of.receipt.verdict}</b></div>
        <div><span class="label">{text("decision")}</span><b>{of.decision ? named(of.decision.answer) || of.decision.answer.code : text("waiting")}</b></div>
        {goods && <div><span class="label">{text("consignment")}</span><a href={link("/track/" + encodeURIComponent(goods))}>{goods}</a></div>}
        <div><span class="label">{text("size")}</span><b>{of.receipt.size}</b> <a href={`/v1/messages/${of.record}/content`} download={`${of.record}.xml`}>{text("download")}</a></div>
      </div>
      <Findings findings={[...of.receipt.findings, ...(of.decision?.answer.findings ?? [])]} />
      {of.deliveries.length > 0 && (
        <Table label={text("deliveries")} heads={[text("party"), text("state"), text("n"), text("what")]}>
          {of.deliveries.map((delivery) => (
            <tr><td>{delivery.party}</td><td>{delivery.state}</td><td class="figure">{delivery.attempts}</td>
              <td class="words">{named(delivery)} {delivery.words}</td></tr>
          ))}
        </Table>
      )}
    </article>
  );
}

function Looked({ query }: { query: string }) {
  const path = /^\d{1,12}$/.test(query) ? "messages/" + query : "messages?id=" + encodeURIComponent(query);
  const [answer, again] = useAnswer<Message>(path, () => true);
  return <Answered answer={answer} again={again}>{(data) => <One of={data} />}</Answered>;
}

export function Messages({ query }: { query: string }) {
  return (
    <>
      <h1>{text("messages")}</h1>
      <LookUp label={text("look_up")} value={query} path="/messages" longest={128} />
      {query && <Looked key={query} query={query} />}
    </>
  );
}
