// What is pasted: a block of numbers, with or without headings, from a spreadsheet or a CSV file.

const SPACE = /[\s\u00a0\u202f]/g;

// The rows of a text: parted by tabs, else by semicolons, else by commas.
export function rowsOf(text) {
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  while (lines.length && !lines[lines.length - 1].trim()) lines.pop();
  while (lines.length && !lines[0].trim()) lines.shift();
  const mark = ["\t", ";", ","].find((each) => text.includes(each)) ?? "\t";
  return lines.map((line) => line.split(mark).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1")));
}

// The whole number in a cell; undefined where there is none. A blank is zero.
export function wholeIn(cell, least) {
  const plain = cell.replace(SPACE, "").replace("\u2212", "-");
  if (plain === "" || plain === "–" || plain === "-") return 0;
  if (!/^-?\d{1,7}$/.test(plain)) return undefined;
  const found = Number(plain);
  return found >= Math.min(0, least) ? found : undefined;
}

const same = (one, other) => one.trim().toLowerCase() === other.trim().toLowerCase();

// Where the cells of a block belong: [{year, region, text}], or {problem, value}.
// Headings name regions and years; without them the block begins at a cell of the grid.
export function placed(text, at, years, regions) {
  const rows = rowsOf(text);
  if (!rows.length) return { problem: "paste_empty" };
  const regionOf = (cell) =>
    regions.findIndex((each) => [each.id, each.name, each.short].some((name) => same(name, cell)));
  const heads = rows[0].map(regionOf);
  const headed = heads.some((each) => each >= 0);
  const body = headed ? rows.slice(1) : rows;
  const yearOf = (cell) => years.indexOf(Number(cell.replace(SPACE, "")));
  const named = body.filter((row) => yearOf(row[0]) >= 0);
  const dated = named.length > 0 && (headed || body.every((row) => yearOf(row[0]) >= 0))
    && (body.some((row) => row.length > 1));
  const cells = [];
  for (const [n, row] of (dated ? named : body).entries()) {
    const year = dated ? yearOf(row[0]) : at.year + n;
    const first = dated && !headed ? 1 : 0;
    for (let m = first; m < row.length; m += 1) {
      if (headed && heads[m] < 0) continue; // years and sums
      const region = headed ? heads[m] : at.region * (dated ? 0 : 1) + m - first;
      if (dated && !headed && region >= regions.length) continue; // sums beside the regions
      if (year >= years.length || region >= regions.length) {
        return { problem: "paste_outside", value: `${rows.length} × ${rows[0].length}` };
      }
      cells.push({ year, region, text: row[m] });
    }
  }
  return cells;
}
