import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where `npm run dev` finds a running `foreroute demo` or `foreroute serve`. */
const engine = process.env.FOREROUTE_URL ?? "http://127.0.0.1:8686";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: { outDir: "build", target: "es2022", assetsInlineLimit: 0, chunkSizeWarningLimit: 1000 },
  css: { preprocessorOptions: { scss: { quietDeps: true, loadPaths: ["node_modules"] } } },
  server: { proxy: { "/v1": engine, "/healthz": engine, "/readyz": engine } },
});
