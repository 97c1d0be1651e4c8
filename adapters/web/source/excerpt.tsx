// excerpt.tsx - findings in the text they are about, as a good compiler shows them: the line, a caret below the place, what is
// wrong and what to do. And the text of a message, whatever its encoding.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { codePage } from "./place";
import { headers, problemOf, UNREACHABLE, type Finding, type Problem } from "./problem";
import { said, text } from "./texts";

const BEFORE_MAX = 60, BEHIND_MAX = 100; // characters of a line around the caret
const TEXT_MAX = 200_000; // characters that are shown

/** What is not seen is written out, as a terminal is told it: it would hide, or turn around what stands beside it. */
export function seen(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (sign) => (/[\t\n\r]/.test(sign) ? sign : `<${sign.codePointAt(0)!.toString(16).toUpperCase().padStart(2, "0")}>`));
}

/* As far as what stands there reaches: a name, a value, the white space between them. */
function reach(rest: string): number {
  const end = rest.search(/[<>"\s]/);
  return Math.max(1, Math.min(end < 0 ? rest.length : end, 40));
}

function Place({ line, number, column }: { line: string; number: number; column: number }) {
  const characters = Array.from(line);
  const at = Math.min(column - 1, characters.length);
  const from = Math.max(0, at - BEFORE_MAX);
  const before = (from > 0 ? "…" : "") + seen(characters.slice(from, at).join(""));
  const behind = seen(characters.slice(at, at + BEHIND_MAX).join("")) + (characters.length > at + BEHIND_MAX ? "…" : "");
  return (
    <pre class="place" tabIndex={0}><code><span class="faint">{String(number).padStart(5)} | </span>{before}{behind}{"\n"}
      <span aria-hidden="true"><span class="faint">{"      | "}</span><span class="hidden">{before}</span><b>{"^".repeat(reach(behind))}</b></span></code></pre>
  );
}

export function Excerpts({ content, findings }: { content: string; findings: Finding[] }) {
  const lines = content.split("\n");
  return (
    <ul class="findings">
      {findings.map((finding) => (
        <li class={finding.severity}>
          <a href={codePage(finding.code)}><code>{finding.code}</code></a>{" "}
          {finding.line > 0 && <span class="faint">{finding.line}:{finding.column} </span>}{said(finding, "text")}
          {finding.line > 0 && lines[finding.line - 1] !== undefined && content !== "" && (
            <Place line={lines[finding.line - 1]!} number={finding.line} column={finding.column} />
          )}
          {said(finding, "hint") && <div class="hint">{text("hint")} {said(finding, "hint")}</div>}
          {finding.path && <div class="faint"><code>{finding.path}</code></div>}
        </li>
      ))}
    </ul>
  );
}

/** The text of a message by the encoding that it names, and whether that is UTF-8. null: it is not what it says. */
export function decoded(bytes: ArrayBuffer): { content: string; isUtf8: boolean } | null {
  const head = new TextDecoder("latin1").decode(bytes.slice(0, 200));
  const label = /^\s*<\?xml[^>]*\bencoding\s*=\s*["']([\w.-]+)["']/.exec(head.replace(/^\xef\xbb\xbf/, ""))?.[1] ?? "utf-8";
  try {
    const decoder = new TextDecoder(label, { fatal: true });
    return { content: decoder.decode(bytes), isUtf8: decoder.encoding === "utf-8" };
  } catch {
    return null;
  }
}

/** The bytes of a record as a text; null: not there yet. */
export function useContent(record: number): { content: string | null; problem: Problem | null } {
  const content = useSignal<string | null>(null);
  const problem = useSignal<Problem | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    fetch(`/v1/messages/${record}/content`, { headers: { ...headers(), Accept: "application/xml" }, signal: abort.signal }).then(async (response) => {
      if (response.ok) {
        content.value = (decoded(await response.arrayBuffer())?.content ?? "").slice(0, TEXT_MAX);
      } else {
        problem.value = await problemOf(response);
      }
    }).catch(() => {
      if (!abort.signal.aborted) {
        problem.value = UNREACHABLE;
      }
    });
    return () => abort.abort();
  }, [record]);
  return { content: content.value, problem: problem.value };
}
