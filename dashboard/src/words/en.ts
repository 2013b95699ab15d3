import channel from "./en/channel";
import cost from "./en/cost";
import shell from "./en/shell";
import work from "./en/work";

/** Every text, by view. */
export const en = { channel, cost, shell, work };
