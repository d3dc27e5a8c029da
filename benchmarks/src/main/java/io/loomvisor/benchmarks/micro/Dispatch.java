package io.loomvisor.benchmarks.micro;

import io.loomvisor.kernel.Kernel;
import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.Context;
import io.loomvisor.platform.Exit;
import io.loomvisor.platform.InstantAnswers;
import io.loomvisor.platform.Registers;
import io.loomvisor.platform.kvm.KvmOptions;
import io.loomvisor.platform.kvm.KvmPlatform;
import io.loomvisor.scheduler.time.HeapTimerService;
import io.loomvisor.task.Scheduling;
import io.loomvisor.task.Task;
import io.loomvisor.task.fd.FdTable;
import io.loomvisor.task.memory.MemoryManager;
import io.loomvisor.task.process.ResourceLimits;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.vfs.Credentials;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the sentry itself does for a system call: the dispatcher of a real kernel and its handlers,
 * for a task whose CPU is a fake that never runs. So this is the round trip without the CPU's part.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
@Fork(
    value = 2,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class Dispatch {
  private static final int GETPGRP = 111;
  private static final int GETPPID = 110;
  private static final int DUP = 32;
  private static final int UNKNOWN = 5000;

  private KvmPlatform platform;
  private HeapTimerService timers;
  private Kernel kernel;
  private Task task;

  /** Registers and nothing else. */
  private static final class FakeContext implements Context {
    private final Registers registers = new Registers();

    @Override
    public Registers registers() {
      return registers;
    }

    @Override
    public Exit run(AddressSpace space) {
      return Exit.Syscall.INSTANCE;
    }

    @Override
    public void release() {}

    @Override
    public long preemptions() {
      return 0;
    }

    @Override
    public int processor() {
      return 0;
    }

    @Override
    public void interrupt() {}

    @Override
    public InstantAnswers answers() {
      return InstantAnswers.NONE;
    }

    @Override
    public byte[] readFpu() {
      return new byte[0];
    }

    @Override
    public int fpuSize() {
      return 0;
    }

    @Override
    public void writeFpu(byte[] state) {}

    @Override
    public void resetFpu() {}

    @Override
    public void close() {}
  }

  @Setup(Level.Trial)
  public void open() {
    platform = KvmPlatform.create(KvmOptions.DEFAULT.withMemoryLimit(64 << 20));
    timers = new HeapTimerService();
    kernel = new Kernel(platform, timers, "benchmark", null);
    ThreadGroup group = new ThreadGroup(kernel.processes().allocatePid(), ResourceLimits.initial());
    MemoryManager memory = MemoryManager.create(platform, group.limits());
    task =
        new Task(
            kernel,
            group.id(),
            group,
            new FakeContext(),
            memory,
            new FdTable(),
            null,
            Credentials.root(),
            Scheduling.initial(platform.vcpuCount()),
            "benchmark");
    kernel.processes().addFirst(group, null);
    kernel.processes().addTask(task);
    group.add(task);
  }

  @TearDown(Level.Trial)
  public void close() {
    timers.close();
    platform.close();
  }

  private long call(int number) {
    task.registers().rax = number;
    kernel.syscall(task);
    return task.registers().rax;
  }

  /** A field of the task's group. */
  @Benchmark
  public long getpgrp() {
    return call(GETPGRP);
  }

  /** One ask of the process tree. */
  @Benchmark
  public long getppid() {
    return call(GETPPID);
  }

  /** An error: dup(-1). */
  @Benchmark
  public long badDescriptor() {
    task.registers().rdi = -1;
    return call(DUP);
  }

  /** ENOSYS. */
  @Benchmark
  public long unknown() {
    return call(UNKNOWN);
  }
}
