/** To come. */
export default function Reports() {
  return null;
}
