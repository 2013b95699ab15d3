import { type RefObject, useEffect, useRef, useState } from "react";

/** The width of an element in pixels, followed; 0 before it is laid out. */
export function useWidth<Of extends HTMLElement>(): [RefObject<Of | null>, number] {
  const room = useRef<Of>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = room.current;
    if (!element) return;
    const watcher = new ResizeObserver(() => setWidth(element.clientWidth));
    watcher.observe(element);
    return () => watcher.disconnect();
  }, []);
  return [room, width];
}
