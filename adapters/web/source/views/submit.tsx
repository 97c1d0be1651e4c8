// submit.tsx - hands messages over and shows the verdict in place: what is wrong stands below the line it is about, and the text
// can be mended and sent again. Several files stand one below the other, each with its own verdict.
import { signal, useSignal, type Signal } from "@preact/signals";
import { submit, type Submitted } from "../ask";
import { decoded, Excerpts } from "../excerpt";
import { Sent } from "../sent";
import { keptWriting } from "../session";
import { text } from "../texts";

const SHOWN_MAX = 200_000; // bytes; a longer message is sent as it is, and not shown
const FILES_MAX = 50;

interface Draft {
  file: File;
  asRead: string;
  content: Signal<string>; // as it is mended
  sent: Signal<{ of: Submitted; content: string } | null>;
  isText: boolean; // it can be shown and mended
  isUtf8: boolean;
}

async function read(file: File): Promise<Draft> {
  const bytes = file.size <= SHOWN_MAX ? await file.arrayBuffer() : null;
  const told = bytes && decoded(bytes);
  return { file, asRead: told?.content ?? "", content: signal(told?.content ?? ""), sent: signal(null), isText: !!told, isUtf8: !!told?.isUtf8 };
}

/* What is mended is sent as UTF-8, and says so. */
function asUtf8(content: string): Blob {
  return new Blob([content.replace(/^(\s*<\?xml[^>]*\bencoding\s*=\s*["'])[\w.-]+(["'])/, "$1UTF-8$2")]);
}

function One({ of, drop }: { of: Draft; drop: () => void }) {
  const { content, sent } = of;
  const isOpen = useSignal(false);
  const isSending = useSignal(false);
  const isMended = content.value !== of.asRead;
  const send = async () => {
    isSending.value = true;
    const told = await submit(isMended ? asUtf8(content.value) : of.file);
    sent.value = { of: told, content: content.value };
    isSending.value = false;
    isOpen.value ||= !told.receipt;
  };
  const findings = sent.value?.of.problem?.errors ?? [];
  return (
    <article class="task">
      <h2>{of.file.name} <span class="faint">{of.file.size} B{isMended && ", " + text(of.isUtf8 ? "mended" : "mended_utf8")}</span></h2>
      {sent.value && (
        <>
          <Sent of={findings.length ? { ...sent.value.of, problem: { ...sent.value.of.problem!, errors: [] } } : sent.value.of} />
          <Excerpts content={sent.value.content} findings={findings} />
        </>
      )}
      {of.isText && isOpen.value && (
        <textarea aria-label={`${text("raw")} ${of.file.name}`} spellcheck={false} rows={18} value={content.value}
                  onInput={(event) => { content.value = event.currentTarget.value; }} />
      )}
      <p class="choices">
        <button type="button" class="main send" disabled={isSending.value || !!sent.value?.of.receipt && !isMended} onClick={() => void send()}>{text("send")}</button>
        {of.isText && <button type="button" aria-expanded={isOpen.value} onClick={() => { isOpen.value = !isOpen.value; }}>{text("mend")}</button>}
        <button type="button" onClick={drop}>{text("take_away")}</button>
      </p>
    </article>
  );
}

export function Submit() {
  const drafts = keptWriting("messages", () => signal<Draft[]>([]));
  const isOver = useSignal(false);
  const take = async (files: FileList | null | undefined) => {
    const taken = await Promise.all(Array.from(files ?? []).slice(0, FILES_MAX).map(read));
    drafts.value = [...taken, ...drafts.value].slice(0, FILES_MAX);
  };
  return (
    <>
      <h1>{text("submit")}</h1>
      <label class={isOver.value ? "drop over" : "drop"}
             onDragOver={(event) => { event.preventDefault(); isOver.value = true; }} onDragLeave={() => { isOver.value = false; }}
             onDrop={(event) => { event.preventDefault(); isOver.value = false; void take(event.dataTransfer?.files); }}>
        {text("drop_here")}
        <input type="file" multiple accept=".xml,application/xml,text/xml"
               onChange={(event) => void take(event.currentTarget.files)} />
      </label>
      {drafts.value.map((draft) => (
        <One key={draft} of={draft} drop={() => { drafts.value = drafts.value.filter((each) => each !== draft); }} />
      ))}
    </>
  );
}
