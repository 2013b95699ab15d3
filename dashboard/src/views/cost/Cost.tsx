/** To come. */
export default function Cost() {
  return null;
}
