package io.loomvisor.benchmarks.micro;

import io.loomvisor.scheduler.vcpu.HostThread;
import io.loomvisor.scheduler.vcpu.PoolStrategy;
import io.loomvisor.scheduler.vcpu.VcpuPool;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Leasing a vCPU and giving it back, as a task does around each system call that blocks. Two vCPUs,
 * which do nothing.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class VcpuLease {
  /** The pool that all threads of a trial share. */
  @State(Scope.Benchmark)
  public static class Pool {
    @Param public PoolStrategy strategy;

    VcpuPool<Integer> pool;

    @Setup(Level.Trial)
    public void open() {
      pool =
          strategy.open(
              List.of(0, 1), 2, VcpuPool.SLICE, vcpu -> {}, waiting -> {}, HostThread.UNKNOWN);
    }

    @TearDown(Level.Trial)
    public void close() {
      pool.close();
    }
  }

  /** One task. */
  @State(Scope.Thread)
  public static class Task {
    VcpuPool.Claim<Integer> claim;

    @Setup(Level.Trial)
    public void open(Pool p) {
      claim = p.pool.claim();
    }

    @TearDown(Level.Trial)
    public void close() {
      claim.close();
    }
  }

  private static Integer turn(Task t) {
    Integer vcpu = t.claim.turn(Function.identity());
    t.claim.release();
    return vcpu;
  }

  @Benchmark
  @Threads(1)
  public Integer idle(Task t) {
    return turn(t);
  }

  /** More askers than vCPUs: most of them park. */
  @Benchmark
  @Threads(4)
  public Integer contended4(Task t) {
    return turn(t);
  }
}
