/** To come. */
export default function Work() {
  return null;
}
