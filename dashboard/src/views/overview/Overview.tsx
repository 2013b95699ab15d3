import { Glance } from "./Glance";
import { Heat } from "./Heat";
import { Shares } from "./Shares";

/** Everything at a glance: how it goes, which channels are ill or will be, and where the calls go. */
export default function Overview() {
  return (
    <>
      <Glance />
      <Heat />
      <Shares />
    </>
  );
}
