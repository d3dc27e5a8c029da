package io.loomvisor.benchmarks.report;

import java.util.List;

/** A picture in the making: shapes by pixel, and colours that differ also in grey. */
final class Svg {
  private static final List<String> COLOURS =
      List.of("#222222", "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00");

  private final StringBuilder shapes = new StringBuilder();
  private final int width;
  private final int height;

  Svg(int width, int height) {
    this.width = width;
    this.height = height;
  }

  static String colour(int index) {
    return COLOURS.get(index % COLOURS.size());
  }

  void line(double x1, double y1, double x2, double y2, String colour, double thickness) {
    shapes.append(
        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-width=\"%.1f\"/>%n"
            .formatted(x1, y1, x2, y2, colour, thickness));
  }

  void box(double x, double y, double w, double h, String colour) {
    shapes.append(
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>%n"
            .formatted(x, y, w, h, colour));
  }

  /**
   * @param anchor start, middle or end: which part of the text is at x
   */
  void text(double x, double y, String anchor, int size, String text) {
    String safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    shapes.append(
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" font-size=\"%d\" fill=\"#222222\">%s</text>%n"
            .formatted(x, y, anchor, size, safe));
  }

  @Override
  public String toString() {
    return ("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
                + " font-family=\"sans-serif\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n")
            .formatted(width, height, width, height)
        + shapes
        + "</svg>\n";
  }
}
