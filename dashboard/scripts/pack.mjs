// Compresses what was built: the binary carries these files and sends them as they are. Prints what comes over the line.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const dist = new URL("../dist", import.meta.url).pathname;
const files = readdirSync(dist, { recursive: true })
  .map(String)
  .filter((name) => statSync(join(dist, name)).isFile());
let total = 0;
for (const name of files) {
  const path = join(dist, name);
  // Fonts are compressed already.
  if (name.endsWith(".woff2")) {
    total += statSync(path).size;
    continue;
  }
  const packed = gzipSync(readFileSync(path), { level: 9 });
  writeFileSync(`${path}.gz`, packed);
  rmSync(path);
  total += packed.length;
}
console.log(`dashboard: ${files.length} files, ${(total / 1024).toFixed(0)} KiB compressed`);
