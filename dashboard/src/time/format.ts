import i18next from "i18next";
import type { Seconds } from "@/place/span";

/** What takes the place of a value that is not known. */
export const GAP = "–";

type Value = number | null | undefined;

/** Whether there is a value to be shown. */
export const known = (value: Value): value is number => typeof value === "number" && Number.isFinite(value);

const formats = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function numbers(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${i18next.language}${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(i18next.language, options));
  return formats.get(key) as Intl.NumberFormat;
}

function dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `@${i18next.language}${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(i18next.language, options));
  return formats.get(key) as Intl.DateTimeFormat;
}

/** A ratio 0..1 as percent, with as many digits as a small one needs. */
export function percent(ratio: Value): string {
  if (!known(ratio)) return GAP;
  const digits = ratio !== 0 && Math.abs(ratio) < 0.1 ? 1 : 0;
  // 99.96 % must not read as all.
  const close = ratio < 1 && ratio > 0.99 ? 2 : digits;
  return numbers({ style: "percent", maximumFractionDigits: close }).format(ratio);
}

/** Money in USD: cents, three significant digits where it is less than a dollar, and no cents of thousands. */
export function usd(value: Value): string {
  if (!known(value)) return GAP;
  const size = Math.abs(value);
  const small = size > 0 && size < 1;
  // 20 digits is the most that there may be; below, it is nothing.
  const most = small ? Math.min(2 - Math.floor(Math.log10(size)), 20) : size < 1000 ? 2 : 0;
  const digits = { minimumFractionDigits: Math.min(most, 2), maximumFractionDigits: most };
  return numbers({ style: "currency", currency: "USD", currencyDisplay: "narrowSymbol", ...digits }).format(value);
}

/** A number of things, long ones shortened. */
export function count(value: Value): string {
  if (!known(value)) return GAP;
  const large = Math.abs(value) >= 10_000;
  return numbers(large ? { notation: "compact", maximumFractionDigits: 1 } : { maximumFractionDigits: 0 }).format(
    value,
  );
}

/** A number with at most so many digits after the point, and at least `least`: for columns of figures. */
export function decimal(value: Value, digits = 2, least = 0): string {
  const options = { maximumFractionDigits: digits, minimumFractionDigits: least };
  return known(value) ? numbers(options).format(value) : GAP;
}

/** Milliseconds, from a second on as seconds. */
export function ms(value: Value): string {
  if (!known(value)) return GAP;
  if (Math.abs(value) < 1000) return `${numbers({ maximumFractionDigits: 0 }).format(value)} ms`;
  return `${numbers({ maximumFractionDigits: Math.abs(value) < 10_000 ? 2 : 1 }).format(value / 1000)} s`;
}

/** A length of time in seconds, in its two largest units. */
export function duration(seconds: Value): string {
  if (!known(seconds)) return GAP;
  const korean = i18next.language === "ko";
  const units: [number, string][] = [
    [86_400, korean ? "일" : "d"],
    [3_600, korean ? "시간" : "h"],
    [60, korean ? "분" : "min"],
    [1, korean ? "초" : "s"],
  ];
  let left = Math.round(Math.abs(seconds));
  const parts: string[] = [];
  for (const [size, name] of units) {
    const whole = Math.floor(left / size);
    left -= whole * size;
    if (whole > 0 && parts.length < 2) parts.push(korean ? `${whole}${name}` : `${whole} ${name}`);
    else if (parts.length > 0) break;
  }
  return parts.length > 0 ? parts.join(" ") : korean ? `0${units[3]?.[1]}` : "0 s";
}

/** Seconds since 1970 of an RFC 3339 text; `NaN` if it is none. */
export function instant(text: string): Seconds {
  return Date.parse(text) / 1000;
}

/** The viewer's clock: the time, with the day where it is not today. */
export function clock(at: Seconds, now = Date.now() / 1000): string {
  if (!known(at)) return GAP;
  const date = new Date(at * 1000);
  const today = date.toDateString() === new Date(now * 1000).toDateString();
  const day = today ? {} : ({ month: "short", day: "numeric" } as const);
  return dates({ ...day, hour: "2-digit", minute: "2-digit", hour12: false }).format(date);
}

/** The viewer's day of an instant. */
export function day(at: Seconds): string {
  return known(at) ? dates({ month: "short", day: "numeric" }).format(new Date(at * 1000)) : GAP;
}

/** The UTC day of an instant. */
export function utcDay(at: Seconds): string {
  return known(at) ? dates({ month: "short", day: "numeric", timeZone: "UTC" }).format(new Date(at * 1000)) : GAP;
}

/** The same instant in UTC, to the second. */
export function utc(at: Seconds): string {
  if (!known(at)) return GAP;
  return `${new Date(at * 1000).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** How long ago, or in how long, in words. */
export function ago(at: Seconds, now = Date.now() / 1000): string {
  if (!known(at)) return GAP;
  const away = at - now;
  const size = Math.abs(away);
  const [unit, length]: [Intl.RelativeTimeFormatUnit, number] =
    size < 90 ? ["second", 1] : size < 5400 ? ["minute", 60] : size < 129_600 ? ["hour", 3600] : ["day", 86_400];
  return new Intl.RelativeTimeFormat(i18next.language, { numeric: "auto" }).format(Math.round(away / length), unit);
}
