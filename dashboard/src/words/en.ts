import channel from "./en/channel";
import shell from "./en/shell";
import work from "./en/work";

/** Every text, by view. */
export const en = { channel, shell, work };
