// The search box of the site. The index is a script, so that pages that were opened as files can read it too.
const input = document.getElementById("search");
const found = document.getElementById("found");
const count = document.getElementById("count");
const menu = document.querySelector(".menu");
const up = document.body.dataset.up;
let searchIndex; // search-index.js sets it
let loading;

// The list of pages is open on wide pages, and closed on narrow ones.
const wide = matchMedia("(min-width: 56.01rem)");
const openMenu = () => (menu.open = wide.matches);
openMenu();
wide.addEventListener("change", openMenu);
if (wide.matches) document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest" });

function load() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${up}search-index.js`;
    script.addEventListener("load", resolve);
    script.addEventListener("error", reject);
    document.head.append(script);
  });
  return loading;
}

// An entry is found if it has all words; those with words in their headings come first.
function find(words) {
  const hits = [];
  for (const entry of searchIndex) {
    const heading = entry.h.toLowerCase();
    const all = `${entry.p.toLowerCase()} ${heading} ${entry.t.toLowerCase()}`;
    if (!words.every((word) => all.includes(word))) continue;
    hits.push({ entry, score: words.filter((word) => heading.includes(word)).length + (heading === words.join(" ") ? words.length : 0) });
  }
  return hits.sort((a, b) => b.score - a.score);
}

async function search() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) {
    found.hidden = true;
    count.textContent = "";
    return;
  }
  await load();
  const hits = find(words);
  found.replaceChildren(
    ...hits.slice(0, 20).map(({ entry }) => {
      const link = document.createElement("a");
      link.href = up + entry.u;
      link.textContent = entry.h;
      const at = Math.max(0, entry.t.toLowerCase().indexOf(words[0]) - 40);
      const about = document.createElement("small");
      about.textContent = `${entry.p} · ${entry.t.slice(at, at + 120)}`;
      link.append(about);
      const item = document.createElement("li");
      item.append(link);
      return item;
    }),
  );
  if (hits.length === 0) found.append(Object.assign(document.createElement("li"), { textContent: "Nothing was found." }));
  count.textContent = `${hits.length} places were found`;
  found.hidden = false;
}

input.addEventListener("input", search);
input.form.addEventListener("submit", (event) => {
  event.preventDefault();
  found.querySelector("a")?.click();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    found.hidden = true;
  } else if (event.key === "/" && document.activeElement !== input) {
    event.preventDefault();
    input.focus();
  }
});
document.addEventListener("click", (event) => {
  if (!input.form.contains(event.target)) found.hidden = true;
});
found.addEventListener("click", () => (found.hidden = true));
