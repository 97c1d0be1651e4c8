// chart.ts - the charts of the monthly review by ECharts, as SVG. A bundle of its own: no other view pays for it. Colours of
// words and lines come from style.css, so that they follow the theme, and paper; bars are told apart without colours, too.
import { BarChart, BoxplotChart, ScatterChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsType } from "echarts/core";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";

use([AriaComponent, BarChart, BoxplotChart, GridComponent, LabelLayout, LegendComponent, ScatterChart, SVGRenderer, TooltipComponent]);

/** Bars that lie on each other, or beside zero. */
export interface Bars {
  rows: string[];
  series: { name: string; values: number[] }[];
  decimals: number;
  unit: string;
  isSigned?: boolean; // they are changes
}

/** From p10 to p90 a line, from p25 to p75 a box with the median in it, and the mean as a point. */
export interface Boxes {
  rows: string[];
  boxes: (readonly [number, number, number, number, number] | null)[];
  means: (number | null)[];
  names: { box: string; mean: string };
  decimals: number;
  unit: string;
}

export type Drawing = Bars | Boxes;

const COLOURS = ["#3b6ea8", "#e0a030", "#5b9a68", "#a8627a", "#7a6fb0", "#8a8f98"];
const ROW = 40, BAR_ROW = 30, AXIS = 34, LEGEND_LINE = 24; // pixels
const WORDS = { fontFamily: "", fontSize: 13 }; // the family is that of the page: text is measured before it is drawn

/* So that a legend of several lines does not lie on what it explains. One series needs none. */
function legendLines(names: string[], width: number): number {
  if (names.length < 2) {
    return 0;
  }
  let lines = 1, used = 0;
  for (const name of names) {
    const wide = 46 + [...name].reduce((sum, sign) => sum + (sign > "\u2e80" ? 14 : 8), 0);
    if (used && used + wide > width) {
      lines++;
      used = 0;
    }
    used += wide;
  }
  return lines;
}

/* As the tables write it. */
function written(value: unknown, drawing: Drawing): string {
  const number = Number(value), figure = Math.abs(number).toFixed(drawing.decimals);
  const isNothing = Number(figure) === 0;
  return ("isSigned" in drawing && drawing.isSigned ? (isNothing ? "±" : number < 0 ? "−" : "+") : number < 0 && !isNothing ? "−" : "") + figure;
}

function around(drawing: Drawing, names: string[], width: number) {
  const shown = (value: unknown) => `${written(value, drawing)} ${drawing.unit}`;
  return {
    animation: false,
    aria: { enabled: true, label: { enabled: false }, decal: { show: true } },
    color: COLOURS,
    textStyle: WORDS,
    grid: { left: 4, right: 28, top: legendLines(names, width) * LEGEND_LINE + 10, bottom: 4, containLabel: true },
    legend: { show: names.length > 1, top: 0, left: 0, data: names, textStyle: WORDS, selectedMode: false },
    tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, renderMode: "richText", valueFormatter: shown },
    xAxis: { type: "value", minInterval: drawing.decimals ? 0 : 1, axisLabel: { ...WORDS, hideOverlap: true }, splitLine: { lineStyle: { color: "#8a929b", opacity: 0.35 } } },
    yAxis: {
      type: "category", inverse: true, data: drawing.rows, axisTick: { show: false },
      axisLabel: { ...WORDS, width: Math.min(170, width * 0.34), overflow: "break", lineHeight: 16 },
      axisLine: { lineStyle: { color: "#8a929b" } },
    },
  };
}

function bars(drawing: Bars) {
  const isAlone = drawing.series.length === 1;
  return drawing.series.map((series) => ({
    name: series.name, type: "bar", stack: "all", barMaxWidth: 18, data: series.values,
    label: { show: isAlone, position: "right", ...WORDS, formatter: (at: { value: unknown }) => written(at.value, drawing) },
  }));
}

function boxes(drawing: Boxes) {
  return [
    { name: drawing.names.box, type: "boxplot", boxWidth: [10, 18], itemStyle: { color: COLOURS[0] + "55", borderColor: COLOURS[0], borderWidth: 1.5 },
      data: drawing.boxes.map((box) => box ?? []) },
    { name: drawing.names.mean, type: "scatter", symbol: "diamond", symbolSize: 11, itemStyle: { color: COLOURS[1], borderColor: "#6b4a10", borderWidth: 1 },
      data: drawing.means.map((mean, row) => [mean ?? "-", row]), z: 5,
      label: { show: true, position: "top", distance: 7, ...WORDS, formatter: (at: { value: unknown[] }) => written(at.value[0], drawing) },
      labelLayout: { hideOverlap: true } },
  ];
}

/* Paper has another width than the screen: a drawing that knows its own is made larger or smaller with its place. */
function letScale(chart: EChartsType, place: HTMLElement): void {
  place.querySelector("svg")?.setAttribute("viewBox", `0 0 ${chart.getWidth()} ${chart.getHeight()}`);
}

/** Draws, follows the width of its place, and returns what ends it. */
export function draw(place: HTMLElement, drawing: Drawing): () => void {
  const isBoxes = "boxes" in drawing;
  WORDS.fontFamily = getComputedStyle(place).fontFamily;
  const names = isBoxes ? [drawing.names.box, drawing.names.mean] : drawing.series.map((series) => series.name);
  let chart: EChartsType | null = null;
  const redraw = () => {
    const width = place.clientWidth;
    if (!width) {
      return;
    }
    place.style.height = `${drawing.rows.length * (isBoxes ? ROW : BAR_ROW) + AXIS + legendLines(names, width) * LEGEND_LINE}px`;
    chart ??= init(place, null, { renderer: "svg" });
    chart.resize();
    chart.setOption({ ...around(drawing, names, width), series: isBoxes ? boxes(drawing) : bars(drawing) });
    letScale(chart, place);
  };
  redraw();
  let last = place.clientWidth;
  const watch = new ResizeObserver(() => {
    if (place.clientWidth !== last) {
      last = place.clientWidth;
      redraw();
    }
  });
  watch.observe(place);
  return () => {
    watch.disconnect();
    chart?.dispose();
  };
}
