import channel from "./ko/channel";
import shell from "./ko/shell";
import work from "./ko/work";

/** Every text, by view. */
export const ko = { channel, shell, work };
