// Usage: node report.test.mjs PAGES CHROMIUM PACKAGE_JSON [SCREENSHOTS]
// Opens the sample pages in Chromium and checks what a reader sees. Any failed check ends with exit code 1.
import assert from "node:assert/strict";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [pages, executablePath, packageJson, screenshots] = process.argv.slice(2);
const { chromium } = createRequire(resolve(packageJson))("playwright-core");

const profile = await mkdtemp(join(tmpdir(), "thermoscape-web-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath,
  headless: true,
  acceptDownloads: true,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});

let checks = 0;
async function check(name, body) {
  await body();
  ++checks;
  console.log("ok", name);
}

async function open(name, options = {}) {
  const page = await context.newPage();
  const problems = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("dialog", (dialog) => {
    problems.push("dialog: " + dialog.message());
    dialog.dismiss();
  });
  page.on("request", (request) => {
    if (!/^(file|data|blob):/.test(request.url())) problems.push("request: " + request.url());
  });
  await page.emulateMedia({ colorScheme: options.dark ? "dark" : "light", media: options.media ?? "screen" });
  await page.setViewportSize({ width: options.width ?? 1280, height: 900 });
  await page.goto(pathToFileURL(join(resolve(pages), name)).href);
  await page.waitForFunction(() => document.documentElement.dataset.figures === "drawn");
  return { page, problems };
}

const visible = (page, selector) => page.locator(selector).evaluateAll((all) => all.filter((one) => one.getClientRects().length > 0).length);

try {
  const { page, problems } = await open("report.html");

  await check("every figure is drawn once, interactive, with its curves", async () => {
    const drawn = await page.$$eval("figure.figure", (all) => all.map((figure) => ({
      id: figure.id,
      curves: [...figure.querySelectorAll(".js-plotly-plot .scatterlayer .trace path.js-line, .js-plotly-plot .scatterlayer .trace .points path")]
        .filter((path) => (path.getAttribute("d") ?? "").length > 10).length,
      still: figure.querySelector(".static").getClientRects().length,
      height: figure.querySelector(".interactive").getBoundingClientRect().height,
    })));
    assert.equal(drawn.length, 6);
    for (const one of drawn) {
      assert.ok(one.curves >= 1, one.id + " has no curve");
      assert.equal(one.still, 0, one.id + " shows the static picture too");
      assert.ok(one.height > 300, one.id + " is flat");
    }
  });

  await check("the distribution has five histograms and five fits", async () => {
    assert.equal(await page.locator("#figure-loss_distribution .scatterlayer .trace").count(), 10);
    assert.equal(await page.locator("#figure-loss_distribution .legend .traces").count(), 5);
  });

  await check("the claims table says what was judged", async () => {
    const rows = await page.$$eval("table.claims tbody tr", (all) => all.map((row) => [...row.cells].map((cell) => cell.innerText.replace(/\s+/g, " ").trim())));
    assert.equal(rows.length, 7);
    assert.deepEqual(rows[0].slice(0, 5), ["fluctuations.beta_times_temperature equipartition", "✓ holds 2.3 SE inside the tolerance; holds down to a tolerance of 0.034", "1.021 ± 0.034", "1", "0.1"]);
    assert.match(rows[3][1], /^✗ fails [\d.]+ SE outside the tolerance; would hold at a tolerance of [\d.]+$/);
    assert.match(rows[4][1], /^\? undecided .*an error as small as the tolerance takes [\d.]+ times the data$/);
    assert.match(rows[4][2], /^\(2\.91 ± 0\.42\) × 10−5$/);
    assert.match(rows[6][1], /^\? undecided /);
    const cards = await page.$$eval(".card", (all) => all.map((card) => card.innerText.replace(/\s+/g, " ").trim()));
    assert.deepEqual(cards, ["4 ✓ hold", "1 ✗ fails", "2 ? undecided"]);
  });

  await check("an axis turns logarithmic and back", async () => {
    const type = () => page.$eval("#figure-ageing .js-plotly-plot", (plot) => plot._fullLayout.yaxis.type);
    const path = () => page.$eval("#figure-ageing .scatterlayer .trace path.js-line", (line) => line.getAttribute("d"));
    const button = page.locator('#figure-ageing button[data-axis="y"]');
    const before = await path();
    assert.equal(await type(), "linear");
    await button.click();
    assert.equal(await type(), "log");
    assert.equal(await button.getAttribute("aria-pressed"), "true");
    assert.notEqual(await path(), before);
    await button.click();
    assert.equal(await type(), "linear");
    assert.equal(await path(), before);
  });

  await check("what a logarithmic axis hides is said", async () => {
    await page.locator('#figure-autocorrelation button[data-axis="x"]').click();
    assert.match(await page.locator("#figure-autocorrelation .live-note").innerText(), /^1\d points at or below zero/);
    await page.locator('#figure-autocorrelation button[data-axis="x"]').click();
    assert.equal(await page.locator("#figure-autocorrelation .live-note").innerText(), "");
  });

  await check("a figure saves as well-formed SVG, black on white", async () => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#figure-moments button.export").click()]);
    assert.equal(download.suggestedFilename(), "moments.svg");
    const svg = await readFile(await download.path(), "utf8");
    assert.equal(await page.evaluate((text) => new DOMParser().parseFromString(text, "image/svg+xml").querySelector("parsererror")?.textContent ?? "", svg), "");
    assert.match(svg, /rgb\(255, 255, 255\)/);
  });

  await check("exported pictures are well-formed SVG", async () => {
    const names = (await readdir(pages)).filter((name) => name.endsWith(".svg"));
    assert.equal(names.length, 6);
    for (const name of names) {
      const svg = await readFile(join(pages, name), "utf8");
      const root = await page.evaluate((text) => {
        const document = new DOMParser().parseFromString(text, "image/svg+xml");
        return document.querySelector("parsererror")?.textContent ?? document.documentElement.localName;
      }, svg);
      assert.equal(root, "svg", name);
    }
  });

  await check("headings descend by one, tables have scopes, pictures have names", async () => {
    const found = await page.evaluate(() => ({
      levels: [...document.querySelectorAll("h1, h2, h3, h4")].map((h) => Number(h.localName[1])),
      heads: [...document.querySelectorAll("th")].filter((th) => !th.scope).length,
      nameless: [...document.querySelectorAll('[role="img"], .plot')].filter((one) => !one.getAttribute("aria-label") && !one.querySelector("title")).length,
      ids: [...document.querySelectorAll("[id]")].map((one) => one.id),
      dead: [...document.querySelectorAll('a[href^="#"]')].filter((a) => !document.getElementById(a.getAttribute("href").slice(1))).length,
    }));
    assert.equal(found.levels.filter((level) => level === 1).length, 1);
    found.levels.forEach((level, i) => assert.ok(i === 0 || level <= found.levels[i - 1] + 1));
    assert.equal(found.heads, 0);
    assert.equal(found.nameless, 0);
    assert.equal(new Set(found.ids).size, found.ids.length, "an id stands twice");
    assert.equal(found.dead, 0);
  });

  if (screenshots) await page.screenshot({ path: join(screenshots, "light.png"), fullPage: true });
  assert.deepEqual(problems, []);
  await page.close();

  await check("dark: text keeps its contrast and figures follow", async () => {
    const { page: dark, problems: wrong } = await open("report.html", { dark: true });
    const ratios = await dark.evaluate(() => {
      const parse = (text) => text.match(/[\d.]+/g).slice(0, 3).map(Number);
      const luminance = (rgb) => rgb.map((v) => v / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
      const background = (one) => {
        for (let at = one; at; at = at.parentElement) {
          const colour = getComputedStyle(at).backgroundColor;
          if (!/, 0\)$|transparent/.test(colour)) return colour;
        }
        return "rgb(255, 255, 255)";
      };
      return [...document.querySelectorAll("h1, p, th, td, a, button, figcaption, .pill, .word, .why, .label, summary, footer")]
        .filter((one) => one.getClientRects().length > 0)
        .map((one) => {
          const [a, b] = [luminance(parse(getComputedStyle(one).color)), luminance(parse(background(one)))].sort((p, q) => q - p);
          return { text: one.textContent.slice(0, 30), ratio: (a + 0.05) / (b + 0.05) };
        });
    });
    for (const one of ratios) assert.ok(one.ratio >= 4.5, JSON.stringify(one));
    const paper = await dark.$eval("#figure-moments .main-svg", (svg) => svg.style.background);
    assert.match(paper, /18, 22, 28/);
    await dark.emulateMedia({ colorScheme: "light" });
    await dark.waitForFunction(() => /255, 255, 255/.test(document.querySelector("#figure-path .main-svg").style.background));
    await dark.emulateMedia({ colorScheme: "dark" });
    await dark.waitForFunction(() => /18, 22, 28/.test(document.querySelector("#figure-path .main-svg").style.background));
    if (screenshots) await dark.screenshot({ path: join(screenshots, "dark.png"), fullPage: true });
    assert.deepEqual(wrong, []);
    await dark.close();
  });

  await check("a phone's width needs no sideways scrolling of the page", async () => {
    const { page: phone, problems: wrong } = await open("report.html", { width: 390 });
    assert.ok(await phone.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
    if (screenshots) await phone.screenshot({ path: join(screenshots, "phone.png"), fullPage: true });
    assert.deepEqual(wrong, []);
    await phone.close();
  });

  await check("on paper the static pictures stand in and everything is open", async () => {
    const { page: paper, problems: wrong } = await open("report.html", { media: "print", dark: true });
    await paper.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
    assert.equal(await visible(paper, ".static svg"), 6);
    assert.equal(await visible(paper, ".interactive"), 0);
    assert.equal(await visible(paper, "button"), 0);
    assert.equal(await paper.$$eval("details:not([open])", (all) => all.length), 0);
    assert.equal(await paper.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
    if (screenshots) await paper.pdf({ path: join(screenshots, "print.pdf"), format: "A4", printBackground: false });
    assert.deepEqual(wrong, []);
    await paper.close();
  });

  await check("hostile labels stay text", async () => {
    const { page: hostile, problems: wrong } = await open("hostile.html");
    assert.equal(await hostile.locator("h1").innerText(), '</script><script>alert("x")</script> & \'y\' <!--');
    assert.equal(await hostile.locator("#figure-path .legendtext").textContent(), '</script><script>alert("x")</script> & \'y\' <!-- ');
    assert.deepEqual(wrong, []);
    await hostile.close();
  });
  console.log(checks + " checks passed");
} finally {
  await context.close();
  await rm(profile, { recursive: true, force: true });
}
