package io.loomvisor.runtime.boot;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * When what happened while a sandbox started, on standard error, if the launcher was asked for it
 * with LOOMVISOR_TIMELINE: one line for each mark, with the time of day in microseconds, so that
 * those of sentry and gofer can be laid beside one another. {@code benchmarks/start-timeline} reads
 * them.
 */
public final class StartTimeline {
  private static final boolean WANTED = Boolean.getBoolean("loomvisor.timeline");
  private static final Queue<Mark> MARKS = new ConcurrentLinkedQueue<>();

  private record Mark(long nanos, String thread, String what) {}

  private StartTimeline() {}

  public static void mark(String what) {
    if (WANTED) {
      MARKS.add(new Mark(System.nanoTime(), Thread.currentThread().getName(), what));
    }
  }

  /** Tells what there is so far; {@code process} is this one's part in the sandbox. */
  public static void print(String process) {
    if (!WANTED) {
      return;
    }
    long now = System.nanoTime();
    long time = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    StringBuilder text = new StringBuilder();
    for (Mark m = MARKS.poll(); m != null; m = MARKS.poll()) {
      long at = time - (now - m.nanos) / 1000;
      text.append("timeline ").append(at).append(' ').append(process);
      text.append('/').append(m.thread).append(' ').append(m.what).append('\n');
    }
    System.err.print(text);
    System.err.flush();
  }
}
