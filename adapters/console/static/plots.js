/* Draws the tables of a page: each canvas names its table, and a table without a script is a table. */
"use strict";

const style = getComputedStyle(document.documentElement);
const colour = (name) => style.getPropertyValue(name).trim();
const COLOURS = [colour("--plot-1"), colour("--plot-2"), colour("--plot-3")];
Chart.defaults.font.family = "Roboto, sans-serif";
Chart.defaults.color = colour("--pico-color");
Chart.defaults.borderColor = colour("--pico-muted-border-color");
Chart.defaults.animation = false;

for (const canvas of document.querySelectorAll("canvas[data-plot]")) {
  const table = document.querySelector(`table[data-of="${canvas.dataset.plot}"]`);
  const heads = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent);
  const rows = [...table.tBodies[0].rows];
  const isLines = "log" in canvas.dataset;
  const unit = canvas.dataset.unit ? ` (${canvas.dataset.unit})` : "";
  new Chart(canvas, {
    type: isLines ? "line" : "bar",
    data: {
      labels: rows.map((row) => row.cells[0].textContent),
      datasets: heads.map((head, number) => ({
        label: head + unit,
        data: rows.map((row) => {
          const value = row.cells[number + 1].dataset.value;
          return value === "" ? null : Number(value);
        }),
        backgroundColor: COLOURS[number],
        borderColor: COLOURS[number],
        pointRadius: 3,
        spanGaps: true,
      })),
    },
    options: {
      responsive: true,
      maintainAspectRatio: false,
      scales: {
        x: { stacked: !isLines, grid: { display: false } },
        y: isLines ? { type: "logarithmic" } : { stacked: true, beginAtZero: true, ticks: { precision: 0 } },
      },
      plugins: { legend: { display: heads.length > 1, position: "bottom" } },
    },
  });
}
