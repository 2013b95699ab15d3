// Puts what Vite built into dist/, compressed: the binary carries these files and sends them as they are. Prints what
// comes over the line, and fails where that has become too much.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const MOST_KIB = 600;
const [built, packed] = ["../build", "../dist"].map((path) => fileURLToPath(new URL(path, import.meta.url)));

// The folder stays: the binary's build watches it.
for (const name of readdirSync(packed)) {
  if (name !== ".gitignore") rmSync(join(packed, name), { recursive: true });
}
const names = readdirSync(built, { recursive: true }).map(String);
const files = names.filter((name) => statSync(join(built, name)).isFile());
let total = 0;
for (const name of files) {
  const bytes = readFileSync(join(built, name));
  // Fonts are compressed already.
  const plain = name.endsWith(".woff2");
  const sent = plain ? bytes : gzipSync(bytes, { level: 9 });
  const path = join(packed, plain ? name : `${name}.gz`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, sent);
  total += sent.length;
}
const kib = Math.ceil(total / 1024);
console.log(`dashboard: ${files.length} files, ${kib} KiB compressed (at most ${MOST_KIB})`);
if (kib > MOST_KIB) process.exit(1);
