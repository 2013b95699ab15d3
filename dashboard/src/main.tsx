import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./words/words";
import "./styles/index.scss";
import { App } from "./app";
import { parsePlace } from "./place/place";
import { fetchAhead } from "./views/views";

fetchAhead(parsePlace(location.search).panes.map(({ view }) => view));

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
