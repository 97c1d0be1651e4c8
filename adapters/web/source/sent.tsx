// sent.tsx - what became of a message that was handed over from the page: its receipt at once, then what was decided, in words.
import { useEffect } from "preact/hooks";
import type { Submitted } from "./ask";
import { Findings, useAnswer } from "./pieces";
import { link } from "./place";
import type { Finding } from "./problem";
import { named, text } from "./texts";

interface Message {
  decision: { result: string; answer: { code: string; zh: string; en: string; findings: Finding[] } } | null;
}

const SOON_MS = 1_000; // a decision comes a moment behind its receipt, and not each is told of by an event

function Decision({ record }: { record: number }) {
  const [answer, again] = useAnswer<Message>(`messages/${record}`, () => true);
  const decision = answer.data?.decision;
  useEffect(() => {
    const next = decision || answer.isAsking ? 0 : setTimeout(again, SOON_MS);
    return () => clearTimeout(next);
  }, [answer]);
  if (!decision) {
    return <p class="note">{text("decision")}: {text("waiting")}</p>;
  }
  return (
    <>
      <p class={decision.result === "refused" ? "note bad" : "note"}><b>{text("decision")}</b> {named(decision.answer) || decision.answer.code}</p>
      <Findings findings={decision.answer.findings} />
    </>
  );
}

export function Sent({ of }: { of: Submitted }) {
  const record = of.receipt?.record;
  return (
    <section class="sent" aria-live="polite">
      <h2 class={of.receipt ? "good" : "worse"}>{text(of.receipt ? "verdict_accepted" : of.problem?.status === 0 ? "verdict_unknown" : "verdict_refused")}
        {record && <a class="faint" href={link("/messages/" + record)}> {text("record")} {record}</a>}</h2>
      {of.problem && <p>{of.problem.status === 0 ? text("perhaps_sent") : of.problem.detail || of.problem.title}</p>}
      <Findings findings={of.receipt?.findings ?? of.problem?.errors ?? []} />
      {record && <Decision key={record} record={record} />}
    </section>
  );
}
