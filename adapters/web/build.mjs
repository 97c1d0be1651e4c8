// build.mjs OUT.c - bundles the page and writes it as a table of C (assets.h): each file compressed, under a name that
// changes with what is in it, so that a browser may keep it for ever. Run by CMake in a copy of this folder.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, extname } from "node:path";
import { constants, gzipSync } from "node:zlib";
import { build, transform } from "esbuild";

const TYPES = { ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8" };
const OLDEST = "chrome87"; // many an office has an old core

/* Bundles one entry; what it loads later is a file of its own. Returns {name: bytes} by the name that a browser asks for. */
async function bundle(entry, options = {}) {
  const result = await build({
    entryPoints: [entry], bundle: true, write: false, minify: true, format: "esm", splitting: true, outdir: "/assets",
    target: OLDEST, jsx: "automatic", jsxImportSource: "preact", legalComments: "none", charset: "utf8",
    entryNames: "[name]-[hash]", chunkNames: "[name]-[hash]", metafile: true, ...options,
  });
  return new Map(result.outputFiles.map((file) => [basename(file.path), Buffer.from(file.contents)]));
}

function only(files, stem) {
  return [...files.keys()].find((name) => name.startsWith(stem + "-"));
}

function hashed(name, bytes) {
  const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  return basename(name, extname(name)) + "-" + digest + extname(name);
}

/* A file that opens by itself (document.c): script and style stand in it, and it says of itself that nothing else may run. */
function document(script, style) {
  const allowed = (text) => "'sha256-" + createHash("sha256").update(text).digest("base64") + "'";
  if (/<\/(script|style)|<!--/i.test(script + style)) {
    throw new Error("what stands in a document would end it");
  }
  return readFileSync("document.html", "utf8")
      .replace("POLICY", () => `default-src 'none'; script-src ${allowed(script)}; style-src ${allowed(style)}; img-src data:; base-uri 'none'; form-action 'none'`)
      .replace("STYLE", () => style).replace("SCRIPT", () => script);
}

function row(path, bytes, place) {
  const gzip = gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION });
  const etag = createHash("sha256").update(bytes).digest("hex").slice(0, 32);
  return {
    array: `static const unsigned char asset_${place}[] = {${gzip.join(",")}};\n`,
    line: `    { ${JSON.stringify(path)}, ${JSON.stringify(TYPES[extname(path)])}, ${JSON.stringify(`"${etag}"`)}, asset_${place}, sizeof(asset_${place}) },\n`,
    size: gzip.length,
  };
}

const worker = await bundle("source/worker.ts", { splitting: false });
const workerName = only(worker, "worker");
const style = Buffer.from((await transform(readFileSync("style.css", "utf8"), { loader: "css", minify: true, target: OLDEST, charset: "utf8" })).code);
const [reportScript] = [...(await bundle("source/report.tsx", { splitting: false, format: "iife" })).values()].map(String);
const report = Buffer.from(document(reportScript, style.toString()));
const reportName = hashed("report.html", report);
const script = await bundle("source/main.tsx", {
  define: { WORKER: JSON.stringify("/assets/" + workerName), REPORT: JSON.stringify("/assets/" + reportName) },
});
const styleName = hashed("style.css", style);
const index = readFileSync("index.html", "utf8").replace("STYLE", "/assets/" + styleName)
    .replace("SCRIPT", "/assets/" + only(script, "main"));

const files = [["index.html", Buffer.from(index)], [styleName, style], [reportName, report], ...worker, ...script];
const rows = files.map(([path, bytes], place) => row(path, bytes, place));
writeFileSync(process.argv[2], `/* Made by adapters/web/build.mjs. */
#include "adapters/web/assets.h"

${rows.map((each) => each.array).join("")}
const struct web_asset web_assets[] = {
${rows.map((each) => each.line).join("")}};
const size_t web_assets_count = sizeof(web_assets) / sizeof(*web_assets);
`);
files.forEach(([path], place) => console.log(`${path} ${rows[place].size}`));
