// submit.tsx - hands a message over and shows the verdict in place: what is wrong stands beside the line it is about, and
// the text can be mended and sent again.
import { useSignal } from "@preact/signals";
import { submit, type Submitted } from "../ask";
import { link } from "../place";
import { text } from "../texts";
import type { Finding } from "../problem";
import { Findings } from "../pieces";

const SHOWN_MAX = 200_000; // bytes; a longer message is sent as it is, and not shown

function Excerpt({ content, findings }: { content: string; findings: Finding[] }) {
  const wrong = new Set(findings.map((finding) => finding.line));
  return (
    <ol class="excerpt">
      {content.split("\n").map((line, place) => (
        wrong.has(place + 1) && <li value={place + 1}><code>{line}</code></li>
      ))}
    </ol>
  );
}

function Verdict({ of, content }: { of: Submitted; content: string }) {
  const findings = of.receipt?.findings ?? of.problem?.errors ?? [];
  return (
    <section aria-live="polite">
      <h2 class={of.receipt ? "good" : "worse"}>{text(of.receipt ? "verdict_accepted" : "verdict_refused")}
        {of.receipt && <a class="faint" href={link("/messages/" + of.receipt.record)}> {text("record")} {of.receipt.record}</a>}</h2>
      {of.problem && <p>{of.problem.detail || of.problem.title}</p>}
      <Findings findings={findings} />
      <Excerpt content={content} findings={findings} />
    </section>
  );
}

export function Submit() {
  const file = useSignal<Blob | null>(null);
  const content = useSignal("");
  const isText = useSignal(false); // it can be shown and mended: UTF-8, and not too long
  const verdict = useSignal<Submitted | null>(null);

  const take = async (taken: File | undefined) => {
    if (!taken) {
      return;
    }
    file.value = taken;
    verdict.value = null;
    try {
      const bytes = await taken.arrayBuffer();
      isText.value = bytes.byteLength <= SHOWN_MAX;
      content.value = isText.value ? new TextDecoder("utf-8", { fatal: true }).decode(bytes) : "";
    } catch {
      isText.value = false; // another encoding: its bytes go as they are
      content.value = "";
    }
  };
  const send = async () => {
    verdict.value = await submit(isText.value ? new Blob([content.value]) : file.value!);
  };
  return (
    <>
      <h1>{text("submit")}</h1>
      <label class="drop" onDragOver={(event) => event.preventDefault()}
             onDrop={(event) => { event.preventDefault(); void take(event.dataTransfer?.files[0]); }}>
        {text("drop_here")}
        <input type="file" accept=".xml,application/xml,text/xml" onChange={(event) => void take(event.currentTarget.files?.[0])} />
      </label>
      {isText.value && (
        <textarea aria-label={text("raw")} spellcheck={false} rows={18} value={content.value}
                  onInput={(event) => { content.value = event.currentTarget.value; }} />
      )}
      <p><button disabled={!file.value} onClick={() => void send()}>{text("send")}</button></p>
      {verdict.value && <Verdict of={verdict.value} content={content.value} />}
    </>
  );
}
