/** To come. */
export default function ChannelView() {
  return null;
}
