import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./words/words";
import "./styles/index.scss";
import { App } from "./app";

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
