package io.loomvisor.benchmarks.micro;

import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One ask of an actor that counts. Contended, the time of an operation is that of one asker's turn:
 * with n askers the actor serves n messages in it.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ActorAsk {
  private final Counter counter = new Counter();

  private static final class Counter extends Actor {
    private long value;

    Counter() {
      super(Rank.LEAF);
    }

    long next() {
      return ask(() -> ++value);
    }
  }

  @Benchmark
  @Threads(1)
  public long idle() {
    return counter.next();
  }

  @Benchmark
  @Threads(2)
  public long contended2() {
    return counter.next();
  }

  @Benchmark
  @Threads(64)
  public long contended64() {
    return counter.next();
  }
}
