// report.tsx - the file that `clearway report --format html` writes: one report, drawn as the page draws it (views/review.tsx),
// with all that it needs in it. It asks nobody anything.
import { render } from "preact";
import { effect } from "@preact/signals";
import { language, otherLanguage } from "./place";
import { parsed } from "./problem";
import { text } from "./texts";
import type { Report } from "./views/answers";
import { periodOf, Review } from "./views/review";

const told = parsed<{ at: string; answer: Report }>(document.getElementById("answer")!.textContent!);

function File() {
  return (
    <>
      <h1>{text("times")}</h1>
      <p class="choices screen-only">
        <a href={otherLanguage()} lang={language.value === "zh" ? "en" : "zh-CN"}>{text("other_language")}</a>
        <button onClick={() => print()}>{text("print")}</button>
      </p>
      <Review data={told.answer} at={told.at} direction="" />
    </>
  );
}

effect(() => {
  document.documentElement.lang = language.value === "zh" ? "zh-CN" : "en";
  document.title = `${text("times")} ${periodOf(told.answer)}`;
});
const place = document.getElementById("content")!;
place.textContent = "";
render(<File />, place);
