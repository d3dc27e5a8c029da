package io.loomvisor.benchmarks.micro;

import io.loomvisor.scheduler.vcpu.LeaseStrategy;
import io.loomvisor.scheduler.vcpu.VcpuPool;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
    @Param({"sticky", "fifo", "affine"})
    public String strategy;

    VcpuPool<Integer> pool;

    @Setup(Level.Trial)
    public void open() {
      pool = new VcpuPool<>(List.of(0, 1), LeaseStrategy.named(strategy), vcpu -> {});
    }

    @TearDown(Level.Trial)
    public void close() {
      pool.close();
    }
  }

  /** What one task remembers. */
  @State(Scope.Thread)
  public static class Holder {
    VcpuPool.Slot<Integer> last;
  }

  private static void turn(Pool p, Holder h) {
    h.last = p.pool.lease(h.last);
    p.pool.release(h.last);
  }

  @Benchmark
  @Threads(1)
  public void idle(Pool p, Holder h) {
    turn(p, h);
  }

  /** More askers than vCPUs: most of them park. */
  @Benchmark
  @Threads(4)
  public void contended4(Pool p, Holder h) {
    turn(p, h);
  }
}
