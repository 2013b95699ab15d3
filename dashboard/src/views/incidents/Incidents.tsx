/** To come. */
export default function Incidents() {
  return null;
}
