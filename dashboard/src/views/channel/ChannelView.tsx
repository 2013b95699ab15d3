import type { ViewProps } from "../views";
import { Charts } from "./Charts";
import { Directory } from "./Directory";
import { Incidents } from "./Incidents";
import { Now } from "./Now";
import { Picker } from "./Picker";
import { Risks } from "./Risks";
import { Trust } from "./Trust";

/** One channel on one axis of time, or all of them to choose from. */
export default function ChannelView({ subject, pane }: ViewProps) {
  if (!subject) return <Directory />;
  return (
    <>
      <Picker channel={subject} pane={pane} />
      <Now channel={subject} />
      <Charts channel={subject} />
      <div className="beside">
        <Risks channel={subject} />
        <Incidents channel={subject} />
      </div>
      <Trust channel={subject} />
    </>
  );
}
