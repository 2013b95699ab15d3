import channel from "./en/channel";
import cost from "./en/cost";
import healing from "./en/healing";
import incidents from "./en/incidents";
import overview from "./en/overview";
import reports from "./en/reports";
import routing from "./en/routing";
import shell from "./en/shell";
import terms from "./en/terms";
import work from "./en/work";

/** Every text, by view. */
export const en = { channel, cost, healing, incidents, overview, reports, routing, shell, terms, work };
