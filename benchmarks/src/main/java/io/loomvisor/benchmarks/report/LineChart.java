package io.loomvisor.benchmarks.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * A line for each environment over a size, both axes logarithmic; vertical lines reach from
 * quartile to quartile.
 *
 * @param work the name of the work of a size
 */
record LineChart(String title, String axis, int[] sizes, IntFunction<String> work) {
  private static final int WIDTH = 720;
  private static final int HEIGHT = 400;
  private static final int LEFT = 70;
  private static final int RIGHT = 560;
  private static final int TOP = 40;
  private static final int BOTTOM = 350;
  private static final String GRID = "#dddddd";

  private record Point(int size, Result result) {}

  String svg(List<Result> results) {
    Map<String, List<Point>> lines = new LinkedHashMap<>();
    for (int size : sizes) {
      String what = work.apply(size);
      results.stream()
          .filter(r -> r.measured() && r.what().equals(what))
          .forEach(
              r ->
                  lines.computeIfAbsent(r.where(), _ -> new ArrayList<>()).add(new Point(size, r)));
    }
    Svg svg = new Svg(WIDTH, HEIGHT);
    Scale x = new Scale(LEFT, RIGHT, sizes[0], Math.max(sizes[sizes.length - 1], sizes[0] + 1.0));
    Scale y =
        Scale.around(
            lines.values().stream().flatMap(List::stream).mapToDouble(p -> p.result().median()),
            BOTTOM,
            TOP);
    svg.text(10, 20, "start", 15, title);
    axes(svg, x, y);
    int index = 0;
    for (Map.Entry<String, List<Point>> line : lines.entrySet()) {
      draw(svg, x, y, line.getValue(), Svg.colour(index));
      svg.box(RIGHT + 20.0, TOP + 20.0 * index, 10, 10, Svg.colour(index));
      svg.text(RIGHT + 35.0, TOP + 20.0 * index + 9, "start", 12, line.getKey());
      index++;
    }
    return svg.toString();
  }

  private void axes(Svg svg, Scale x, Scale y) {
    for (double decade : y.decades()) {
      svg.line(LEFT, y.at(decade), RIGHT, y.at(decade), GRID, 1);
      svg.text(LEFT - 6.0, y.at(decade) + 4, "end", 11, Scale.label("ns").apply(decade));
    }
    IntStream.of(sizes)
        .forEach(
            size -> {
              svg.line(x.at(size), TOP, x.at(size), BOTTOM, GRID, 1);
              svg.text(x.at(size), BOTTOM + 16.0, "middle", 11, Integer.toString(size));
            });
    svg.text((LEFT + RIGHT) / 2.0, BOTTOM + 36.0, "middle", 12, axis);
  }

  private static void draw(Svg svg, Scale x, Scale y, List<Point> points, String colour) {
    Point last = null;
    for (Point p : points) {
      Statistics s = p.result().statistics();
      double px = x.at(p.size());
      svg.line(px, y.at(s.quantile(0.25)), px, y.at(s.quantile(0.75)), colour, 1);
      svg.box(px - 2, y.at(s.median()) - 2, 4, 4, colour);
      if (last != null) {
        double before = y.at(last.result().median());
        svg.line(x.at(last.size()), before, px, y.at(s.median()), colour, 1.5);
      }
      last = p;
    }
  }
}
