/** To come. */
export default function Healing() {
  return null;
}
