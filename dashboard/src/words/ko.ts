import channel from "./ko/channel";
import healing from "./ko/healing";
import incidents from "./ko/incidents";
import routing from "./ko/routing";
import shell from "./ko/shell";
import terms from "./ko/terms";

/** Every text, by view. */
export const ko = { channel, healing, incidents, routing, shell, terms };
