package io.loomvisor.benchmarks.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A group of bars for each work, a bar for each environment, on a logarithmic scale; thin lines
 * reach from quartile to quartile.
 */
record BarChart(String title, List<String> works) {
  private static final int WIDTH = 900;
  private static final int LEFT = 350;
  private static final int RIGHT = 20;
  private static final int TOP = 62;
  private static final int BAR = 9;
  private static final int GAP = 8;
  private static final String GRID = "#dddddd";

  String svg(List<Result> results) {
    List<Result> shown =
        results.stream().filter(r -> r.measured() && works.contains(r.what())).toList();
    List<String> places =
        new ArrayList<>(
            shown.stream().map(Result::where).collect(Collectors.toCollection(LinkedHashSet::new)));
    List<String> groups =
        works.stream().filter(w -> shown.stream().anyMatch(r -> r.what().equals(w))).toList();
    int rows = shown.size();
    int height = TOP + rows * BAR + groups.size() * GAP + 30;
    Svg svg = new Svg(WIDTH, height);
    Scale scale =
        Scale.around(shown.stream().mapToDouble(Result::median), LEFT, WIDTH - RIGHT - 60.0);
    svg.text(10, 20, "start", 15, title);
    legend(svg, places);
    axis(svg, scale, shown.isEmpty() ? "" : shown.getFirst().unit(), height - 24);
    double y = TOP;
    for (String group : groups) {
      List<Result> bars = shown.stream().filter(r -> r.what().equals(group)).toList();
      svg.text(LEFT - 8.0, y + bars.size() * BAR / 2.0 + 4, "end", 12, group);
      for (Result bar : bars) {
        bar(svg, scale, bar, y, Svg.colour(places.indexOf(bar.where())));
        y += BAR;
      }
      y += GAP;
    }
    return svg.toString();
  }

  private static void bar(Svg svg, Scale scale, Result result, double y, String colour) {
    Statistics s = result.statistics();
    double end = scale.at(s.median());
    svg.box(LEFT, y, Math.max(1, end - LEFT), BAR - 1.0, colour);
    double low = scale.at(s.quantile(0.25));
    double high = scale.at(s.quantile(0.75));
    double middle = y + (BAR - 1) / 2.0;
    svg.line(low, middle, end, middle, "#ffffff", 1);
    svg.line(end, middle, high, middle, "#222222", 1);
    svg.line(high, middle - 3, high, middle + 3, "#222222", 1);
    svg.text(Math.max(end, high) + 4, middle + 3, "start", 8, result.text(s.median()));
  }

  private static void legend(Svg svg, List<String> places) {
    double x = 10;
    for (int i = 0; i < places.size(); i++) {
      svg.box(x, 30, 10, 10, Svg.colour(i));
      svg.text(x + 14, 39, "start", 12, places.get(i));
      x += 30 + 7.0 * places.get(i).length();
    }
  }

  private static void axis(Svg svg, Scale scale, String unit, double bottom) {
    for (double decade : scale.decades()) {
      double x = scale.at(decade);
      svg.line(x, TOP - 4.0, x, bottom, GRID, 1);
      svg.text(x, bottom + 14, "middle", 11, Scale.label(unit).apply(decade));
    }
  }
}
