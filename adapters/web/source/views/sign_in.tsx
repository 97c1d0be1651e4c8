// sign_in.tsx - the form at which people sign in.
import { useSignal } from "@preact/signals";
import type { Problem } from "../problem";
import { hasEnded, signIn } from "../session";
import { text, troubled } from "../texts";

export function SignIn() {
  const problem = useSignal<Problem | null>(null);
  const isAsking = useSignal(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    isAsking.value = true;
    problem.value = await signIn(String(form.get("account")), String(form.get("password")));
    isAsking.value = false;
  };
  return (
    <section class="home narrow">
      <h1>{text("sign_in")}</h1>
      {hasEnded.value && <p class="note" role="status">{text("session_ended")}</p>}
      <form class="sign-in" onSubmit={(event) => void submit(event)}>
        <label>{text("account")} <input name="account" autocomplete="username" required autoFocus spellcheck={false} /></label>
        <label>{text("password")} <input name="password" type="password" autocomplete="current-password" required /></label>
        <button type="submit" disabled={isAsking.value}>{text("sign_in")}</button>
      </form>
      {problem.value && <p class="note bad" role="alert">{problem.value.status === 0 ? troubled(problem.value) : problem.value.detail || problem.value.title}</p>}
    </section>
  );
}
