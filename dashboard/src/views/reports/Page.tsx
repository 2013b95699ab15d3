import { useEffect, useMemo, useRef, useState } from "react";
import { type Theme, useTheme } from "@/shell/useTheme";

/** Before its height is known. */
const FIRST_HEIGHT_PX = 640;

/**
 * A report as it is sent, in a frame in which nothing can run: same origin for its height to be read, and no scripts. It is as
 * high as it needs, so that the pane scrolls and not the frame.
 */
export function Page({ html, title }: { html: string; title: string }) {
  const theme = useTheme();
  const dressed = useMemo(() => inTheme(html, theme), [html, theme]);
  const frame = useRef<HTMLIFrameElement>(null);
  const [loads, setLoads] = useState(0);
  const [height, setHeight] = useState(FIRST_HEIGHT_PX);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each load has a document of its own
  useEffect(() => {
    const body = frame.current?.contentDocument?.body;
    if (!body) return;
    const measure = () => setHeight(Math.ceil(body.getBoundingClientRect().height) + MARGIN_PX);
    const watcher = new ResizeObserver(measure);
    watcher.observe(body);
    return () => watcher.disconnect();
  }, [loads]);
  return (
    <iframe
      ref={frame}
      className="report__page"
      title={title}
      sandbox="allow-same-origin"
      srcDoc={dressed}
      style={{ blockSize: height }}
      onLoad={() => setLoads((count) => count + 1)}
    />
  );
}

/** The report in the theme of the page around it: by itself it asks the system, which may prefer another one. */
function inTheme(html: string, theme: Theme): string {
  const dark = theme === "g100";
  return html
    .replaceAll("(prefers-color-scheme: dark)", dark ? "all" : "not all")
    .replace("color-scheme: light dark", `color-scheme: ${dark ? "dark" : "light"}`);
}

/** Room for what margins collapse out of the body. */
const MARGIN_PX = 48;
