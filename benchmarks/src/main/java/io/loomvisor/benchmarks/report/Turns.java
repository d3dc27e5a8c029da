package io.loomvisor.benchmarks.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All environments do the same work by turns. Each says for itself how long a turn took, by its own
 * clock; one that fails is named in the result with what it said, and started anew for the next
 * work.
 */
final class Turns implements AutoCloseable {
  private final Programs programs;
  private final Plan plan;
  private final List<Environment> environments;
  private final Map<Environment, TurnTaker> takers = new LinkedHashMap<>();
  private final Map<Series, List<Double>> values = new LinkedHashMap<>();
  private final Map<Series, String> failures = new LinkedHashMap<>();

  private record Series(Work work, int figure, Environment environment) {}

  /** One environment at one work. */
  record Lane(Environment environment, int batch, int turns) {}

  private Turns(Programs programs, Plan plan, List<Environment> environments) {
    this.programs = programs;
    this.plan = plan;
    this.environments = environments;
  }

  static List<Result> measure(
      Programs programs, Plan plan, List<Environment> environments, List<Work> works)
      throws IOException {
    try (Turns turns = new Turns(programs, plan, environments)) {
      for (int fork = 1; fork <= plan.forks(); fork++) {
        for (Work work : works) {
          Progress.say("  %s (start %d of %d)", work.name(), fork, plan.forks());
          turns.take(work);
        }
        turns.endAll();
      }
      return turns.results(works);
    }
  }

  private void take(Work work) {
    List<Lane> lanes = new ArrayList<>();
    for (Environment e : environments) {
      if (e.excluded().contains(work.program())) {
        fail(work, e, "its execve(2) is the host's: what it starts would not run in it");
        continue;
      }
      attempt(work, e, () -> lanes.add(lane(work, e)));
    }
    for (int i = 0; i < plan.turns(); i++) {
      for (Lane lane : lanes) {
        if (i < lane.turns() && !failed(work, lane.environment())) {
          attempt(work, lane.environment(), () -> turn(work, lane));
        }
      }
    }
  }

  private interface Attempt {
    void run() throws IOException;
  }

  private void attempt(Work work, Environment environment, Attempt attempt) {
    try {
      attempt.run();
    } catch (IOException e) {
      fail(work, environment, e.getMessage());
      discard(environment);
    }
  }

  /** Warms up, and finds out how many operations fill a turn. */
  private Lane lane(Work work, Environment e) throws IOException {
    TurnTaker taker = takers.get(e);
    if (taker == null) {
      taker = TurnTaker.works(e, programs, plan.patience());
      takers.put(e, taker);
      settle(taker);
    }
    if (work.batch() > 0) {
      return new Lane(e, work.batch(), Plan.LEAST_TURNS);
    }
    return new WarmUp(plan, taker, work).lane(e);
  }

  private static void settle(TurnTaker taker) throws IOException {
    for (String request : Plan.SETTLING_WITH) {
      long end = System.nanoTime() + Plan.SETTLING.toNanos();
      while (System.nanoTime() < end) {
        taker.ask(request);
      }
    }
  }

  private void turn(Work work, Lane lane) throws IOException {
    double[] answer = takers.get(lane.environment()).ask(work.asking(lane.batch()));
    if (answer.length < work.figures().size()) {
      throw new IOException("answered " + answer.length + " numbers");
    }
    for (int f = 0; f < work.figures().size(); f++) {
      values
          .computeIfAbsent(new Series(work, f, lane.environment()), _ -> new ArrayList<>())
          .add(work.value(f, answer, lane.batch()));
    }
  }

  private boolean failed(Work work, Environment environment) {
    return failures.containsKey(new Series(work, 0, environment));
  }

  private void fail(Work work, Environment environment, String why) {
    for (int f = 0; f < work.figures().size(); f++) {
      failures.put(new Series(work, f, environment), why);
    }
  }

  private void discard(Environment environment) {
    TurnTaker taker = takers.remove(environment);
    if (taker != null) {
      try {
        taker.kill();
      } catch (IOException e) {
        Progress.say("  %s: %s", environment.name(), e.getMessage());
      }
    }
  }

  private List<Result> results(List<Work> works) {
    List<Result> results = new ArrayList<>();
    for (Work work : works) {
      for (int f = 0; f < work.figures().size(); f++) {
        Work.Figure figure = work.figures().get(f);
        for (Environment e : environments) {
          Series series = new Series(work, f, e);
          String failure = failures.get(series);
          results.add(
              failure == null
                  ? Result.of(work.label(figure), e.name(), figure.unit(), values.get(series))
                  : Result.failed(work.label(figure), e.name(), figure.unit(), failure));
        }
      }
    }
    return results;
  }

  private void endAll() throws IOException {
    for (TurnTaker taker : takers.values()) {
      taker.close();
    }
    takers.clear();
  }

  @Override
  public void close() throws IOException {
    endAll();
  }
}
