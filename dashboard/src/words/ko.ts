import channel from "./ko/channel";
import cost from "./ko/cost";
import healing from "./ko/healing";
import incidents from "./ko/incidents";
import overview from "./ko/overview";
import reports from "./ko/reports";
import routing from "./ko/routing";
import shell from "./ko/shell";
import terms from "./ko/terms";
import work from "./ko/work";

/** Every text, by view. */
export const ko = { channel, cost, healing, incidents, overview, reports, routing, shell, terms, work };
