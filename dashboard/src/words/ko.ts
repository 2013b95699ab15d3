import channel from "./ko/channel";
import cost from "./ko/cost";
import shell from "./ko/shell";
import work from "./ko/work";

/** Every text, by view. */
export const ko = { channel, cost, shell, work };
