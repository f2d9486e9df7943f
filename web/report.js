// Draws the figures of a report from the data in the page. Until it has run, and on paper, a static picture stands in.
"use strict";
(() => {
  const source = document.getElementById("figure-data");
  const figures = source ? JSON.parse(source.textContent) : [];
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const narrow = window.matchMedia("(max-width: 40rem)");
  const coarse = window.matchMedia("(pointer: coarse)").matches;
  const printed = { ink: "#1b2330", muted: "#586273", grid: "rgba(27, 35, 48, 0.11)", paper: "#ffffff" };

  function theme() {
    const style = getComputedStyle(document.documentElement);
    const value = (name) => style.getPropertyValue("--" + name).trim();
    return { ink: value("ink"), muted: value("muted"), grid: value("grid"), paper: value("paper") };
  }

  // Plotly reads a little markup in labels; ours are plain text.
  const plain = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

  const positive = (value) => value !== null && value > 0;

  function smallestPositive(figure) {
    let smallest = Infinity;
    for (const one of figure.series) {
      for (const y of one.y) if (positive(y) && y < smallest) smallest = y;
    }
    return smallest;
  }

  // So many ticks that a logarithmic axis labels whole decades; without a limit Plotly puts 2 and 5 between them.
  function tickLimit(figure, name) {
    let low = Infinity;
    let high = 0;
    for (const one of figure.series) {
      for (const value of one[name]) {
        if (!positive(value)) continue;
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
    const decades = Math.log10(high / low);
    return decades > 1.5 ? Math.max(2, Math.min(8, Math.ceil(1.1 * decades))) : 0;
  }

  // One series as traces of Plotly. A shade is cut at its gaps into closed outlines.
  function traces(figure, scales, colours) {
    const floor = scales.y === "log" ? smallestPositive(figure) / 10 : -Infinity;
    const shades = [];
    const curves = [];
    for (const one of figure.series) {
      const colour = one.colour === "ink" ? colours.ink : one.colour;
      const common = {
        name: plain(one.label),
        legendgroup: String(one.group),
        showlegend: one.legend,
        type: "scatter",
      };
      if (one.style === "band") {
        shades.push({ ...common, ...outline(one, floor), mode: "lines", fill: "toself", fillcolor: colour,
          opacity: 0.22, line: { width: 0 }, hoverinfo: "skip" });
        continue;
      }
      const symbols = one.style === "points" || one.style === "line+points";
      const lines = one.style !== "points";
      const shape = one.style === "steps" ? "hvh" : "linear";
      const trace = {
        ...common,
        x: one.x,
        y: one.y,
        mode: lines ? (symbols ? "lines+markers" : "lines") : "markers",
        line: { color: colour, width: one.style === "dashed" ? 1.6 : 1.8, shape, dash: one.dash ? one.dash.replace(/(\d+)/g, "$1px") : "solid" },
        marker: { color: colour, symbol: one.symbol, size: one.x.length > 200 ? 4 : 8 },
        connectgaps: false,
        hovertemplate: "%{x}, %{y}<extra>%{fullData.name}</extra>",
      };
      if (one.error.length > 0) {
        trace.error_y = { type: "data", array: one.error.map((e) => (e !== null && e >= 0 ? e : 0)), color: colour, thickness: 1.3, width: 3 };
      }
      curves.push(trace);
    }
    return shades.concat(curves);
  }

  // y ± error of each gapless stretch, there and back again.
  function outline(one, floor) {
    const x = [];
    const y = [];
    let start = 0;
    const shown = (i) => one.x[i] !== null && one.y[i] !== null && one.error[i] !== null && one.error[i] >= 0 &&
      one.y[i] + one.error[i] > floor;
    while (start < one.x.length) {
      let end = start;
      while (end < one.x.length && shown(end)) ++end;
      if (end > start) {
        if (x.length > 0) {
          x.push(null);
          y.push(null);
        }
        for (let i = start; i < end; ++i) {
          x.push(one.x[i]);
          y.push(one.y[i] + one.error[i]);
        }
        for (let i = end - 1; i >= start; --i) {
          x.push(one.x[i]);
          y.push(Math.max(one.y[i] - one.error[i], floor));
        }
      }
      start = Math.max(end, start + 1);
    }
    return { x, y };
  }

  function layout(figure, scales, colours, height) {
    const axis = (name) => ({
      title: { text: plain(figure[name].label), standoff: 10 },
      type: scales[name],
      nticks: scales[name] === "log" ? tickLimit(figure, name) : 0,
      exponentformat: "power",
      showexponent: "all",
      gridcolor: colours.grid,
      linecolor: colours.muted,
      tickcolor: colours.muted,
      showline: true,
      zeroline: false,
      ticks: "outside",
      ticklen: 5,
      automargin: true,
      minor: scales[name] === "log" ? { ticks: "outside", ticklen: 3, tickcolor: colours.muted } : {},
    });
    return {
      height,
      margin: { l: 64, r: 14, t: 12, b: 52 },
      paper_bgcolor: colours.paper,
      plot_bgcolor: colours.paper,
      font: { family: getComputedStyle(document.body).fontFamily, size: 13, color: colours.ink },
      xaxis: axis("x"),
      yaxis: axis("y"),
      hovermode: "closest",
      hoverlabel: { bgcolor: colours.paper, bordercolor: colours.muted, font: { color: colours.ink } },
      legend: { orientation: "h", x: 0, xanchor: "left", y: 1.02, yanchor: "bottom", font: { size: 12 }, tracegroupgap: 0 },
      showlegend: figure.series.some((one) => one.legend),
      dragmode: coarse ? false : "zoom",
    };
  }

  const settings = {
    responsive: true,
    displaylogo: false,
    modeBarButtons: [["zoom2d", "pan2d", "zoomOut2d", "resetScale2d"]],
  };

  class Drawing {
    constructor(figure, place) {
      this.figure = figure;
      this.place = place;
      this.target = place.querySelector(".interactive");
      this.scales = { x: figure.x.scale, y: figure.y.scale };
      // Without a positive value there is nothing a logarithmic axis could show.
      for (const name of ["x", "y"]) if (!this.hasPositive(name)) this.scales[name] = "linear";
      this.addButtons();
    }

    hasPositive(name) {
      return this.figure.series.some((one) => one[name].some(positive));
    }

    addButtons() {
      const bar = this.place.querySelector(".toolbar");
      for (const name of ["x", "y"]) {
        if (!this.hasPositive(name)) continue;
        const button = document.createElement("button");
        button.type = "button";
        button.dataset.axis = name;
        const label = () => {
          button.textContent = "Logarithmic " + name;
          button.setAttribute("aria-pressed", String(this.scales[name] === "log"));
        };
        button.addEventListener("click", async () => {
          this.scales[name] = this.scales[name] === "log" ? "linear" : "log";
          label();
          await this.draw();
          this.say();
        });
        label();
        bar.append(button);
      }
      const button = document.createElement("button");
      button.type = "button";
      button.className = "export";
      button.textContent = "Save as SVG";
      button.addEventListener("click", () => this.save());
      bar.append(button);
    }

    draw() {
      this.target.hidden = false;
      this.place.classList.add("drawn");
      const colours = theme();
      const height = narrow.matches ? 360 : 460;
      return Plotly.react(this.target, traces(this.figure, this.scales, colours), layout(this.figure, this.scales, colours, height), settings);
    }

    // What a reader's own logarithmic axis hides; the caption already tells what the declared axes hide.
    say() {
      let hidden = 0;
      for (const one of this.figure.series) {
        for (let i = 0; i < one.x.length; ++i) {
          if (one.x[i] === null || one.y[i] === null) continue;
          if (["x", "y"].some((name) => this.scales[name] === "log" && this.figure[name].scale !== "log" && one[name][i] <= 0)) ++hidden;
        }
      }
      const note = this.place.querySelector(".live-note");
      note.textContent = hidden === 0 ? "" : hidden + (hidden === 1 ? " point" : " points") + " at or below zero cannot be shown on this logarithmic axis.";
    }

    // The picture for a paper: black on white whatever the screen shows.
    save() {
      return Plotly.downloadImage(
        { data: traces(this.figure, this.scales, printed), layout: { ...layout(this.figure, this.scales, printed, 500), width: 800 }, config: settings },
        { format: "svg", width: 800, height: 500, filename: this.figure.id });
    }
  }

  const drawings = figures.map((figure) => new Drawing(figure, document.querySelector('[data-figure="' + figure.id + '"]')));

  // One figure after the other, so that the page answers while many are drawn.
  async function drawAll() {
    for (const one of drawings) {
      await one.draw();
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    document.documentElement.dataset.figures = "drawn";
  }

  dark.addEventListener("change", drawAll);
  narrow.addEventListener("change", drawAll);
  window.addEventListener("beforeprint", () => {
    for (const one of document.querySelectorAll("details")) one.open = true;
  });
  drawAll();
})();
