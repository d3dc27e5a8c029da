package io.loomvisor.benchmarks.micro;

import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.Context;
import io.loomvisor.platform.Exit;
import io.loomvisor.platform.kvm.KvmOptions;
import io.loomvisor.platform.kvm.KvmPlatform;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * Into the guest and out again by a system call, seen from {@code Context.run}: the CPU's part of
 * the round trip and the platform's, without the kernel's. With a release, as around a call that
 * blocks.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
@Fork(
    value = 2,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PlatformRoundTrip {
  private static final long CODE = 0x40_0000;

  /** 1: mov $111, %eax; syscall; jmp 1b */
  private static final byte[] LOOP = {
    (byte) 0xB8, 111, 0, 0, 0, 0x0F, 0x05, (byte) 0xEB, (byte) 0xF7
  };

  @Param({"sticky", "fifo", "affine"})
  public String strategy;

  private KvmPlatform platform;
  private AddressSpace space;
  private Context context;

  @Setup(Level.Trial)
  public void open() {
    platform =
        KvmPlatform.create(KvmOptions.DEFAULT.withMemoryLimit(64 << 20).withStrategy(strategy));
    space = platform.newAddressSpace();
    long frame = platform.memory().allocate();
    MemorySegment.copy(
        LOOP, 0, platform.memory().segment(frame, 1), ValueLayout.JAVA_BYTE, 0, LOOP.length);
    space.map(CODE, frame, 1, AddressSpace.READ | AddressSpace.EXEC);
    context = platform.newContext();
    context.registers().rip = CODE;
  }

  @TearDown(Level.Trial)
  public void close() {
    context.close();
    space.close();
    platform.close();
  }

  private Exit trip() {
    Exit exit = context.run(space);
    if (exit != Exit.Syscall.INSTANCE) {
      throw new IllegalStateException("the guest came out with " + exit);
    }
    context.registers().rax = 7;
    return exit;
  }

  @Benchmark
  public Exit holding() {
    return trip();
  }

  @Benchmark
  public Exit releasing() {
    Exit exit = trip();
    context.release();
    return exit;
  }
}
