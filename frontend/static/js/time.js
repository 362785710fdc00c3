/** Times as the reader's own clock shows them. Order never comes from a time, only from versions. */

const LANGUAGE = document.documentElement.lang || "en-GB";
const DAY = 24 * 60 * 60 * 1000;

const clock = new Intl.DateTimeFormat(LANGUAGE, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const longDay = new Intl.DateTimeFormat(LANGUAGE, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const shortDay = new Intl.DateTimeFormat(LANGUAGE, { day: "numeric", month: "short", year: "numeric" });

const FORMATS = {
  time: (at) => clock.format(at),
  day: (at) => dayWords(dayOf(at)),
  full: (at) => `${nearDay(dayOf(at)) ?? shortDay.format(at)}, ${clock.format(at)}`,
};

/** The local day of a moment, as 2026-11-02. */
export function dayOf(at) {
  const date = new Date(at);
  const pad = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

/** A local day in words: Today, Yesterday, or the date. */
export const dayWords = (day) => nearDay(day) ?? longDay.format(new Date(`${day}T12:00`)).replace(",", "");

/** Rewrite every <time> within `root` to the reader's clock. */
export function rewrite(root) {
  for (const element of root.querySelectorAll("time[datetime]")) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const format = element.dataset.format ?? (element.closest(".when") ? "time" : "full");
    element.textContent = (FORMATS[format] ?? FORMATS.full)(at);
    element.title = `${longDay.format(at)}, ${clock.format(at)}`;
  }
}

function nearDay(day) {
  const now = Date.now();
  if (day === dayOf(now)) return "Today";
  // Half a day less than the whole step, so that a night when the clocks change does not skip one.
  if (day === dayOf(new Date(`${dayOf(now)}T12:00`).getTime() - DAY)) return "Yesterday";
  return null;
}
