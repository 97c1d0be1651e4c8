// time.ts - moments and durations as people here read them. The port's clock is Asia/Shanghai, wherever the browser stands.
import { thisMoment } from "./clock";
import { language } from "./place";

const HOUR = 3_600, DAY = 24 * HOUR;

/** "2026-10-11 03:40" */
export function dated(at: string | Date): string {
  return new Intl.DateTimeFormat("sv-SE", {
    timeZone: "Asia/Shanghai", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
  }).format(new Date(at));
}

/** "10-11 03:40", with the year where it is not this one's. */
export function moment(at: string | Date): string {
  if (!at) {
    return "";
  }
  const parts = dated(at);
  return parts.startsWith(dated(thisMoment()).slice(0, 4)) ? parts.slice(5) : parts;
}

/** "03:40" */
export function clockTime(at: string): string {
  return dated(at).slice(11);
}

/** "1 天 7 小时", "1 d 7 h": the two largest units of so many seconds; of ten minutes and more no seconds. */
export function duration(seconds: number): string {
  const zh = language.value === "zh";
  const sign = seconds < 0 ? "−" : "";
  let rest = Math.abs(seconds);
  const units: [number, string][] = [[DAY, zh ? "天" : "d"], [HOUR, zh ? "小时" : "h"], [60, zh ? "分" : "min"], [1, zh ? "秒" : "s"]];
  const first = units.findIndex(([size]) => rest >= size);
  if (first < 0) {
    return zh ? "0 秒" : "0 s";
  }
  const said = units.slice(first, first + (first === 2 && rest >= 600 ? 1 : 2)).map(([size, name]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count ? `${count} ${name}` : "";
  });
  return sign + said.filter(Boolean).join(" ");
}

export function secondsBetween(from: string | Date, to: string | Date): number {
  return (new Date(to).getTime() - new Date(from).getTime()) / 1000;
}

/** Hours with one decimal: what the monthly review speaks of. */
export function hours(seconds: number | null | undefined): string {
  return seconds === null || seconds === undefined ? "–" : (seconds / HOUR).toFixed(1).replace("-", "−");
}

/** "+0.64", "−2.99": what became of hours. */
export function moreHours(seconds: number): string {
  const said = Math.abs(seconds / HOUR).toFixed(2);
  return (said === "0.00" ? "±" : seconds < 0 ? "−" : "+") + said;
}

/** "2026-10": the last full month. */
export function lastMonth(): string {
  const today = new Date(thisMoment().getTime() + 8 * HOUR * 1000);
  return new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - 1, 1)).toISOString().slice(0, 7);
}
