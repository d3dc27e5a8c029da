package io.loomvisor.benchmarks.report;

import java.util.List;

/**
 * Something that the program {@code works} can do.
 *
 * @param name in the table
 * @param request its name and argument there
 * @param operations that count as one in the table: a ring of ten passes a byte on ten times
 * @param batch how many make a turn; 0: as many as fill the time of a turn
 * @param figures what the program answers
 */
record Work(String name, String request, double operations, int batch, List<Figure> figures) {
  /**
   * One number of an answer.
   *
   * @param name appended to the work's
   * @param perOperation whether it is to be divided by the number of operations
   */
  record Figure(String name, String unit, boolean perOperation) {}

  private static final List<Figure> TIME = List.of(new Figure("", "ns", true));

  static Work of(String name, String request, long argument) {
    return new Work(name, request + " " + argument, 1, 0, TIME);
  }

  static Work of(String name, String request) {
    return of(name, request, 0);
  }

  /** One of the many that an operation there is made of. */
  static Work many(String name, String request, int operations) {
    return new Work(name, request + " 0", operations, 0, TIME);
  }

  /** One step of so many tasks that take part: a hand-over in a ring, the computing of one. */
  static Work shared(String name, String request, int tasks) {
    return new Work(name, request + " " + tasks, tasks, 0, TIME);
  }

  /** A batch of fixed size, whose answer is several numbers. */
  static Work whole(String name, String request, long argument, int batch, Figure... figures) {
    return new Work(name, request + " " + argument, 1, batch, List.of(figures));
  }

  String program() {
    return request.substring(0, request.indexOf(' '));
  }

  String asking(int count) {
    return request + " " + count;
  }

  String label(Figure figure) {
    return figure.name().isEmpty() ? name : name + ", " + figure.name();
  }

  double value(int figure, double[] answer, int count) {
    return figures.get(figure).perOperation()
        ? answer[figure] / count / operations
        : answer[figure];
  }
}
