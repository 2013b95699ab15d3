/** Carbon's categorical palette for charts, in the order that keeps neighbours apart for most kinds of colour blindness. */
const DARK = [
  "#8a3ffc",
  "#33b1ff",
  "#08bdba",
  "#ff7eb6",
  "#fa4d56",
  "#d4bbff",
  "#6fdc8c",
  "#4589ff",
  "#d12771",
  "#d2a106",
  "#bae6ff",
  "#ba4e00",
];
const LIGHT = [
  "#6929c4",
  "#1192e8",
  "#005d5d",
  "#9f1853",
  "#fa4d56",
  "#570408",
  "#198038",
  "#002d9c",
  "#ee538b",
  "#b28600",
  "#009d9a",
  "#8a3800",
];

/** What charts are drawn with. */
export interface Inks {
  text: string;
  grid: string;
  truth: string;
  forecast: string;
  fan: string;
  limit: string;
  anomaly: string;
  trouble: string;
  now: string;
  /** Colours of things that are compared; repeats after twelve. */
  of(index: number): string;
}

/** The inks of the theme. */
export function inks(theme: "g100" | "white"): Inks {
  const dark = theme === "g100";
  const palette = dark ? DARK : LIGHT;
  return {
    text: dark ? "#c6c6c6" : "#525252",
    grid: dark ? "#393939" : "#e0e0e0",
    truth: dark ? "#78a9ff" : "#0043ce",
    forecast: dark ? "#be95ff" : "#8a3ffc",
    fan: dark ? "190, 149, 255" : "138, 63, 252",
    limit: dark ? "#f1c21b" : "#8e6a00",
    anomaly: dark ? "#ff8389" : "#da1e28",
    trouble: dark ? "rgba(250, 77, 86, 0.16)" : "rgba(218, 30, 40, 0.10)",
    now: dark ? "#f4f4f4" : "#161616",
    of: (index) => palette[index % palette.length] as string,
  };
}

/** How bad the calls of a minute were: a ratio 0..1 as a colour; grey where nobody called. */
export function healthInk(bad: number | null, theme: "g100" | "white"): string {
  const dark = theme === "g100";
  if (bad === null) return dark ? "#262626" : "#f4f4f4";
  if (bad < 0.01) return dark ? "#005d5d" : "#9ef0f0";
  if (bad < 0.03) return dark ? "#007d79" : "#3ddbd9";
  if (bad < 0.1) return dark ? "#b28600" : "#f1c21b";
  if (bad < 0.3) return dark ? "#eb6200" : "#ff832b";
  return dark ? "#fa4d56" : "#da1e28";
}

/** How likely a promise is to be broken: a probability 0..1 as a colour of its own family. */
export function riskInk(probability: number | null, theme: "g100" | "white"): string {
  const dark = theme === "g100";
  if (probability === null) return dark ? "#262626" : "#f4f4f4";
  if (probability < 0.05) return dark ? "#31135e" : "#f6f2ff";
  if (probability < 0.2) return dark ? "#491d8b" : "#d4bbff";
  if (probability < 0.5) return "#8a3ffc";
  return dark ? "#d4bbff" : "#491d8b";
}
