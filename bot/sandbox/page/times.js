/** Dates as a chat shows them. All dates are Unix seconds, shown in the browser's time zone. */

const DAY_SECONDS = 86400;

/** Hours and minutes, "16:05". */
export function clockTime(date, locale) {
  return new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hour12: false }).format(
    date * 1000,
  );
}

/** One string a calendar day, for grouping. */
export function dayKey(date) {
  const day = new Date(date * 1000);
  return `${day.getFullYear()}-${day.getMonth() + 1}-${day.getDate()}`;
}

/** "Today", "Yesterday", "21 November", or with the year when it is another one. */
export function dayTitle(date, now, words, locale) {
  if (dayKey(date) === dayKey(now)) return words.today;
  if (dayKey(date) === dayKey(now - DAY_SECONDS)) return words.yesterday;
  const sameYear = new Date(date * 1000).getFullYear() === new Date(now * 1000).getFullYear();
  const options = { day: "numeric", month: "long", year: sameYear ? undefined : "numeric" };
  return new Intl.DateTimeFormat(locale, options).format(date * 1000);
}

/** What the chat list shows: the time today, the weekday this week, else the date. */
export function listTime(date, now, locale) {
  if (dayKey(date) === dayKey(now)) return clockTime(date, locale);
  const options = now - date < 6 * DAY_SECONDS ? { weekday: "short" } : { day: "numeric", month: "short" };
  return new Intl.DateTimeFormat(locale, options).format(date * 1000);
}
