"use strict";
// Draws the page from the data above it. Everything is plain DOM; text of the project is only ever set as text.

const data = JSON.parse(document.getElementById("data").textContent);
const F = data.findings;
const total = F.file.length;
const CONFIDENCE = ["unknown", "possible", "certain"];
const PAGE = 100;

const el = (id) => document.getElementById(id);
const number = (value) => value.toLocaleString("en");
const color = (family) => `var(--f${family})`;

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") node.addEventListener("click", value);
    else if (name === "style") node.style.cssText = value;
    else if (value !== undefined && value !== null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function table(heads, rows) {
  const cell = (tag, value, isNumber, extra = {}) => make(tag, { class: isNumber ? "number" : undefined, ...extra }, value);
  return make("table", {},
    make("thead", {}, make("tr", {}, ...heads.map(([text, isNumber]) => cell("th", text, isNumber, { scope: "col" })))),
    make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((value, i) => cell("td", value, heads[i][1]))))));
}

function more(list, shown, draw) {
  const rest = list.slice(shown);
  return rest.length ? make("details", {}, make("summary", {}, `${number(rest.length)} more`), draw(rest)) : null;
}

/* ---- theme ---- */
const root = document.documentElement;
function setTheme(dark, keep) {
  root.dataset.theme = dark ? "dark" : "light";
  el("theme").setAttribute("aria-pressed", String(dark));
  el("theme").textContent = dark ? "Light" : "Dark";
  if (keep) try { localStorage.setItem("purify-theme", dark ? "dark" : "light"); } catch { /* a file without storage */ }
}
let kept = null;
try { kept = localStorage.getItem("purify-theme"); } catch { /* a file without storage */ }
setTheme(kept ? kept === "dark" : matchMedia("(prefers-color-scheme: dark)").matches, false);
el("theme").addEventListener("click", () => setTheme(root.dataset.theme !== "dark", true));

/* ---- counts ---- */
const familyOf = (i) => data.codes[F.code[i]].family;
const byFamily = data.families.map(() => ({ findings: 0, files: new Set() }));
const byFile = new Map();
const byName = new Map();
let certain = 0;
for (let i = 0; i < total; i++) {
  const family = byFamily[familyOf(i)];
  family.findings++;
  family.files.add(F.file[i]);
  certain += F.confidence[i] === 2;
  const file = byFile.get(F.file[i]) ?? { count: 0, families: data.families.map(() => 0) };
  file.count++;
  file.families[familyOf(i)]++;
  byFile.set(F.file[i], file);
  const isApi = [1, 2, 3, 5, 8, 9].includes(familyOf(i)) && data.names[F.name[i]];
  if (isApi) {
    const name = byName.get(F.name[i]) ?? { count: 0, files: new Set() };
    name.count++;
    name.files.add(F.file[i]);
    byName.set(F.name[i], name);
  }
}
const clean = data.files.length - byFile.size;

/* ---- overview ---- */
el("made").textContent = `Made by purify ${data.version} on ${data.date}`;
const share = (part, whole) => (whole ? `${Math.round((1000 * part) / whole) / 10} %` : "none");
const cards = [
  [number(data.files.length), "files"],
  [share(clean, data.files.length), `of the files are clean (${number(clean)})`],
  [number(total), "findings"],
  [share(certain, total), "of them certain"],
  [number(data.rewrite.sites), "call sites"],
  [share(data.rewrite.safe + data.rewrite.kept, data.rewrite.sites), "of the sites move safely or may stay"],
  [number(data.rewrite.refused), "sites need a hand"],
  [number(data.suppressed), "findings silenced with a comment"],
];
el("cards").append(...cards.map(([value, text]) => make("div", { class: "card" }, make("b", {}, value), make("span", {}, text))));
const most = Math.max(1, ...byFamily.map((family) => family.findings));
el("families").append(table([["Family"], ["Findings", true], ["Files", true], [""]], data.families.map((name, i) => [
  make("button", { type: "button", class: "chip", style: `border-color:${color(i)}`, onclick: () => choose({ family: String(i) }) }, name),
  number(byFamily[i].findings), number(byFamily[i].files.size),
  make("span", { class: "bar", style: `background:${color(i)};width:calc(min(280px, 24vw) * ${byFamily[i].findings / most})`, ...(byFamily[i].findings ? {} : { hidden: "" }) }),
])));

/* ---- progress ---- */
function svg(tag, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}
function chart() {
  const moments = data.history;
  if (moments.length < 2) {
    return [make("p", { class: "hint" }, moments.length
      ? "One baseline is committed. The next commit of purify.baseline.json draws the first line here."
      : "No committed purify.baseline.json was found. `purify gate --update` makes one; its history is drawn here.")];
  }
  const sum = (moment) => moment.counts.reduce((a, b) => a + b, 0);
  const width = 1100, height = 260, left = 56, bottom = 26, top = 10;
  const high = Math.max(1, ...moments.map(sum));
  const x = (i) => left + ((width - left - 10) * i) / (moments.length - 1);
  const y = (value) => height - bottom - ((height - bottom - top) * value) / high;
  const below = moments.map(() => 0);
  const areas = [];
  data.families.forEach((name, family) => {
    const lower = below.slice();
    moments.forEach((moment, i) => { below[i] += moment.counts[family]; });
    if (below.every((value, i) => value === lower[i])) return;
    const up = below.map((value, i) => `${x(i)},${y(value)}`);
    const down = lower.map((value, i) => `${x(i)},${y(value)}`).reverse();
    areas.push(svg("polygon", { points: [...up, ...down].join(" "), style: `fill:${color(family)}`, "fill-opacity": ".8" }, svg("title", {}, name)));
  });
  const ticks = [0, 0.5, 1].map((part) => {
    const value = Math.round(high * part);
    return svg("g", {}, svg("line", { x1: left, x2: width - 10, y1: y(value), y2: y(value), style: "stroke:var(--line)" }),
      svg("text", { x: left - 8, y: y(value) + 4, "text-anchor": "end" }, number(value)));
  });
  const ends = [0, moments.length - 1].map((i) =>
    svg("text", { x: x(i), y: height - 6, "text-anchor": i ? "end" : "start" }, moments[i].date));
  const first = sum(moments[0]), last = sum(moments[moments.length - 1]);
  const text = `From ${number(first)} findings on ${moments[0].date} to ${number(last)} on ${moments[moments.length - 1].date}.`;
  return [
    make("p", {}, text),
    svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": text, width: "100%" }, ...ticks, ...areas, ...ends),
    make("div", { class: "legend" }, ...data.families.map((name, i) => (moments.some((m) => m.counts[i])
      ? make("span", {}, make("i", { style: `background:${color(i)}` }), name) : null)).filter(Boolean)),
    make("details", {}, make("summary", {}, "As a table"), table([["Date"], ["Commit"], ["Findings", true]],
      moments.map((moment) => [moment.date, make("code", {}, moment.commit), number(sum(moment))]))),
  ];
}
el("chart").append(...chart());

/* ---- treemap ---- */
const tree = { name: "", path: "", children: new Map(), count: 0, families: data.families.map(() => 0) };
for (const [file, { count, families }] of byFile) {
  let node = tree;
  const parts = data.files[file].split("/");
  const add = (n) => { n.count += count; families.forEach((value, i) => { n.families[i] += value; }); };
  add(node);
  parts.forEach((part, depth) => {
    const path = parts.slice(0, depth + 1).join("/");
    if (!node.children.has(part)) {
      node.children.set(part, { name: part, path, children: new Map(), count: 0, families: data.families.map(() => 0), parent: node });
    }
    node = node.children.get(part);
    add(node);
  });
  node.file = file;
}
// Squarified: rows are filled along the shorter side for as long as that makes their tiles squarer.
function layout(items, x, y, w, h, out) {
  const whole = items.reduce((sum, item) => sum + item.count, 0);
  const scale = (w * h) / whole;
  let rest = items.slice();
  while (rest.length) {
    const side = Math.min(w, h);
    const row = [];
    let area = 0, worst = Infinity;
    while (rest.length) {
      const next = area + rest[0].count * scale;
      const thick = next / side;
      const ratios = [...row, rest[0]].map((item) => { const long = (item.count * scale) / thick; return Math.max(long / thick, thick / long); });
      const bad = Math.max(...ratios);
      if (row.length && bad > worst) break;
      worst = bad;
      area = next;
      row.push(rest.shift());
    }
    const thick = area / side;
    let along = 0;
    for (const item of row) {
      const long = (item.count * scale) / thick;
      out.push(w >= h ? [item, x, y + along, thick, long] : [item, x + along, y, long, thick]);
      along += long;
    }
    if (w >= h) { x += thick; w -= thick; } else { y += thick; h -= thick; }
  }
}
let folder = tree;
while (folder.children.size === 1 && [...folder.children.values()][0].file === undefined) folder = [...folder.children.values()][0];
function drawMap(node, focus) {
  folder = node;
  const map = el("map");
  const above = [];
  for (let n = node; n; n = n.parent) above.unshift(n);
  el("crumbs").replaceChildren(...above.flatMap((n, i) => [i ? " / " : "",
    make("button", { type: "button", onclick: () => drawMap(n, true), "aria-current": n === node ? "true" : undefined }, n.name || data.title)]));
  if (!node.count) { map.replaceChildren(make("p", { style: "padding:16px" }, "Nothing is left.")); return; }
  const LARGEST = 150;
  const items = [...node.children.values()].sort((a, b) => b.count - a.count);
  const boxes = [];
  layout(items.slice(0, LARGEST), 0, 0, map.clientWidth || 1000, map.clientHeight || 420, boxes);
  map.replaceChildren(...boxes.map(([item, x, y, w, h]) => {
    const family = item.families.indexOf(Math.max(...item.families));
    const label = `${item.name}: ${number(item.count)} findings, most of them ${data.families[family]}`;
    const open = () => (item.file === undefined ? drawMap(item, true) : choose({ path: item.path }));
    const roomy = w > 46 && h > 20;
    return make("button", { type: "button", title: label, "aria-label": label, onclick: open,
      style: `left:${x}px;top:${y}px;width:${w}px;height:${h}px;background:${color(family)}` },
    roomy ? item.name : "", roomy && h > 38 ? make("small", {}, number(item.count)) : null);
  }));
  if (focus) map.querySelector("button")?.focus();
}

/* ---- order, APIs, blockers ---- */
function drawPhases() {
  const { phases, missing } = data.order;
  if (!phases.length) return [make("p", { class: "hint" }, "Nothing is left to move.")];
  const parts = phases.map((phase, i) => make("details", i ? {} : { open: "" },
    make("summary", {}, `${phase.title}: ${number(phase.files.length)} ${phase.files.length === 1 ? "file" : "files"}, about ${number(Math.round(phase.hours * 10) / 10)} h`),
    table([["Step", true], ["File"], ["Status"], ["Why here"]], phase.files.slice(0, 1000).map(([path, step, status, why]) => [
      step ? String(step) : "", make("button", { type: "button", onclick: () => choose({ path }) }, path), status, why]))));
  if (missing.length) {
    parts.push(make("h3", {}, "What the target lacks"), table([["Name"], ["Uses", true], ["Files that wait", true]],
      missing.slice(0, 25).map(([name, uses, files]) => [make("code", {}, name), number(uses), number(files)])));
  }
  return parts;
}
el("phases").append(...drawPhases());
const apis = [...byName].sort((a, b) => b[1].count - a[1].count || data.names[a[0]].localeCompare(data.names[b[0]]));
const apiTable = (list) => table([["Name"], ["Uses", true], ["Files", true]], list.map(([name, { count, files }]) => [
  make("button", { type: "button", onclick: () => choose({ search: data.names[name] }) }, make("code", {}, data.names[name])), number(count), number(files.size)]));
el("top").append(apis.length ? apiTable(apis.slice(0, 25)) : make("p", { class: "hint" }, "No API of a governed library is used."));
const moreApis = more(apis, 25, (rest) => apiTable(rest.slice(0, 500)));
if (moreApis) el("top").append(moreApis);
const reasons = data.rewrite.reasons;
const reasonTable = (list) => table([["Reason"], ["Sites", true], ["Files", true]], list.map(([reason, sites, files]) => [reason, number(sites), number(files)]));
el("reasons").append(reasons.length ? reasonTable(reasons.slice(0, 15)) : make("p", { class: "hint" }, "Every site can be rewritten."));
const moreReasons = more(reasons, 15, reasonTable);
if (moreReasons) el("reasons").append(moreReasons);

/* ---- findings ---- */
const option = (value, text) => make("option", { value }, text);
el("family").append(option("", "all"), ...data.families.map((name, i) => option(i, `${name} (${number(byFamily[i].findings)})`)));
const used = new Set(F.code);
el("code").append(option("", "all"), ...data.codes.map((code, i) => (used.has(i) ? option(i, `${code.code} ${code.name}`) : null)).filter(Boolean));
const folders = new Map();
for (const [file, { count }] of byFile) {
  const parts = data.files[file].split("/");
  parts.slice(0, -1).forEach((_, depth) => {
    const path = parts.slice(0, depth + 1).join("/");
    folders.set(path, (folders.get(path) ?? 0) + count);
  });
}
el("path").append(option("", "all"), ...[...folders].sort((a, b) => a[0].localeCompare(b[0])).slice(0, 2000)
  .map(([path, count]) => option(path, `${path}/ (${number(count)})`)));

const lower = { names: data.names.map((t) => t.toLowerCase()), messages: data.messages.map((t) => t.toLowerCase()), files: data.files.map((t) => t.toLowerCase()) };
let matching = [], page = 0, filePath = "";
function select() {
  const words = el("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  // Each word is looked for once in each distinct text, not once in each finding.
  const hits = words.map((word) => ["names", "messages", "files"].map((key) => lower[key].map((text) => text.includes(word))));
  const family = el("family").value, code = el("code").value, least = Number(el("confidence").value);
  const path = filePath || el("path").value;
  const inPath = path ? data.files.map((file) => file === path || file.startsWith(`${path}/`)) : null;
  matching = [];
  for (let i = 0; i < total; i++) {
    if (family !== "" && familyOf(i) !== Number(family)) continue;
    if (code !== "" && F.code[i] !== Number(code)) continue;
    if (F.confidence[i] < least) continue;
    if (inPath && !inPath[F.file[i]]) continue;
    if (hits.some(([names, messages, files]) => !names[F.name[i]] && !messages[F.message[i]] && !files[F.file[i]])) continue;
    matching.push(i);
  }
  page = 0;
  draw();
}
function excerpt(i) {
  const lines = data.lines[F.file[i]];
  if (!lines) return null;
  const pre = make("pre");
  for (let line = F.line[i] - 1; line <= F.line[i] + 1; line++) {
    const text = lines[line];
    if (text === undefined) continue;
    pre.append(make("span", { class: "gutter" }, `${String(line).padStart(5)}  `));
    if (line === F.line[i]) {
      const letters = [...text], start = F.column[i] - 1, end = F.length[i] ? start + F.length[i] : letters.length;
      pre.append(letters.slice(0, start).join(""), make("span", { class: "at" }, letters.slice(start, end).join("")), letters.slice(end).join(""));
    } else pre.append(text);
    pre.append("\n");
  }
  return pre;
}
function detail(i) {
  const code = data.codes[F.code[i]];
  const notes = (F.notes[i] ?? []).map(([file, line, text]) =>
    make("li", {}, data.messages[text], file === F.file[i] ? ` (line ${line})` : ` (${data.files[file]}:${line})`));
  const help = data.messages[F.help[i]], scope = data.scopes[F.scope[i]];
  return make("tr", {}, make("td", { colspan: "5", class: "detail" }, excerpt(i),
    notes.length ? make("ul", {}, ...notes) : null, help ? make("p", {}, `What to do: ${help}`) : null,
    make("p", { class: "hint" }, `${code.code} ${code.name}: ${code.summary}${scope ? ` In ${scope}.` : ""}`)));
}
function row(i) {
  const code = data.codes[F.code[i]];
  const cell = F.cell[i] ? `cell ${F.cell[i]}, ` : "";
  const button = make("button", { type: "button", "aria-expanded": "false" }, `${data.files[F.file[i]]}:${cell}${F.line[i]}:${F.column[i]}`);
  const line = make("tr", {}, make("td", {}, make("span", { class: "chip", style: `border-color:${color(code.family)}` }, code.code)),
    make("td", {}, button), make("td", {}, make("code", {}, data.names[F.name[i]])), make("td", {}, data.messages[F.message[i]]),
    make("td", {}, CONFIDENCE[F.confidence[i]]));
  button.addEventListener("click", () => {
    const isOpen = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!isOpen));
    line.classList.toggle("open", !isOpen);
    if (isOpen) line.nextSibling.remove();
    else line.after(detail(i));
  });
  return line;
}
function draw() {
  const pages = Math.max(1, Math.ceil(matching.length / PAGE));
  const shown = matching.slice(page * PAGE, (page + 1) * PAGE);
  el("list").tBodies[0].replaceChildren(...shown.map(row));
  const place = filePath ? ` in ${filePath}` : "";
  el("count").textContent = `${number(matching.length)} of ${number(total)} findings${place}`;
  const go = (to) => () => { page = to; draw(); el("findings").focus({ preventScroll: true }); el("findings").scrollIntoView(); };
  el("pages").replaceChildren(
    make("button", { type: "button", onclick: go(page - 1), ...(page ? {} : { disabled: "" }) }, "Previous"),
    make("span", {}, `Page ${number(page + 1)} of ${number(pages)}`),
    make("button", { type: "button", onclick: go(page + 1), ...(page + 1 < pages ? {} : { disabled: "" }) }, "Next"));
}
function choose({ family = "", path = "", search = "" }) {
  el("filter").reset();
  el("family").value = family;
  el("search").value = search;
  filePath = "";
  if (folders.has(path)) el("path").value = path;
  else filePath = path;
  select();
  el("findings").scrollIntoView();
  el("findings").focus({ preventScroll: true });
}
let pending = 0;
el("filter").addEventListener("input", () => { clearTimeout(pending); pending = setTimeout(() => { if (el("path").value) filePath = ""; select(); }, 120); });
el("filter").addEventListener("reset", () => setTimeout(() => { filePath = ""; select(); }));
el("filter").addEventListener("submit", (event) => { event.preventDefault(); select(); });
// `/` goes to the search, as on many sites.
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !["INPUT", "SELECT", "TEXTAREA"].includes(document.activeElement.tagName)) {
    event.preventDefault();
    el("search").focus();
  }
});
select();
drawMap(folder, false);
addEventListener("resize", () => drawMap(folder, false));
