/** To come. */
export default function Overview() {
  return null;
}
