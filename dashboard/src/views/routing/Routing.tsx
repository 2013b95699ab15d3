/** To come. */
export default function Routing() {
  return null;
}
