import channel from "./en/channel";
import healing from "./en/healing";
import incidents from "./en/incidents";
import routing from "./en/routing";
import shell from "./en/shell";
import terms from "./en/terms";

/** Every text, by view. */
export const en = { channel, healing, incidents, routing, shell, terms };
