// chart.ts - stacked bars by ECharts. A bundle of its own: no other view pays for it.
import { BarChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([AriaComponent, BarChart, GridComponent, LegendComponent, SVGRenderer, TooltipComponent]);

export interface Bars {
  rows: string[];
  series: { name: string; hours: number[] }[];
}

const ROW = 34, BESIDE = 90; // pixels

/** Draws, follows the width of its place, and returns what ends it. */
export function draw(place: HTMLElement, bars: Bars): () => void {
  place.style.height = `${bars.rows.length * ROW + BESIDE}px`;
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const ink = dark ? "#c9d1d9" : "#333b44";
  const chart = init(place, null, { renderer: "svg" });
  chart.setOption({
    animation: false,
    aria: { enabled: true, decal: { show: true } }, // told apart without colours, too
    color: ["#3b6ea8", "#e0a030", "#5b9a68", "#a8627a", "#7a6fb0"],
    textStyle: { color: ink, fontFamily: "inherit" },
    grid: { left: 8, right: 24, top: 36, bottom: 8, containLabel: true },
    legend: { top: 0, left: 0, textStyle: { color: ink } },
    tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, renderMode: "richText",
               valueFormatter: (value: unknown) => Number(value).toFixed(1) + " h" },
    xAxis: { type: "value", axisLabel: { color: ink }, splitLine: { lineStyle: { opacity: 0.3 } } },
    yAxis: { type: "category", inverse: true, data: bars.rows, axisLabel: { color: ink } },
    series: bars.series.map((series) => ({ name: series.name, type: "bar", stack: "all", barMaxWidth: 22, data: series.hours })),
  });
  const watch = new ResizeObserver(() => chart.resize());
  watch.observe(place);
  return () => {
    watch.disconnect();
    chart.dispose();
  };
}
