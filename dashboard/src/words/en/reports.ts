export default {
  kind: "Kind of report",
  kinds: { daily: "Daily", fortnightly: "Fortnightly" },
  titles: { daily: "Daily report", fortnightly: "Fortnightly report: what was learnt" },
  days: { daily: "Day (UTC)", fortnightly: "Last day of the fortnight (UTC)" },
  before: "A day earlier",
  after: "A day later",
  forms: { html: "HTML", markdown: "Markdown", json: "JSON" },
  take: "Download as {{form}}",
  notTaken: "The report could not be had",
  none: "This server has no reports yet",
  noneAbout:
    "A newer Foreroute makes them for any day. To have them written and sent as well, add this to its configuration:",
};
