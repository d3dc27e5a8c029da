package io.loomvisor.benchmarks.micro;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The same host call, getppid(2), through each of the bindings. getppid takes no lock and returns
 * at once, so what differs is the binding.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
@Fork(
    value = 2,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HostCall {
  /** JNA's interface mapping: a proxy. */
  public interface Interface extends Library {
    int getppid();
  }

  /** JNA's direct mapping: a native method. */
  public static final class Direct {
    static {
      Native.register("c");
    }

    private Direct() {}

    static native int getppid();
  }

  private static final Interface PROXY = Native.load("c", Interface.class);
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MemorySegment GETPPID = LINKER.defaultLookup().findOrThrow("getppid");
  private static final FunctionDescriptor TYPE = FunctionDescriptor.of(ValueLayout.JAVA_INT);
  private static final MethodHandle PLAIN = LINKER.downcallHandle(GETPPID, TYPE);
  private static final MethodHandle WITH_ERRNO =
      LINKER.downcallHandle(GETPPID, TYPE, Linker.Option.captureCallState("errno"));
  private static final MethodHandle CRITICAL =
      LINKER.downcallHandle(GETPPID, TYPE, Linker.Option.critical(false));

  private final MemorySegment errno = Arena.ofAuto().allocate(Linker.Option.captureStateLayout());

  @Benchmark
  public int jnaInterface() {
    return PROXY.getppid();
  }

  @Benchmark
  public int jnaDirect() {
    return Direct.getppid();
  }

  @Benchmark
  public int foreign() throws Throwable {
    return (int) PLAIN.invokeExact();
  }

  @Benchmark
  public int foreignWithErrno() throws Throwable {
    return (int) WITH_ERRNO.invokeExact(errno);
  }

  /** Without the thread-state transition: only for calls that cannot block. */
  @Benchmark
  public int foreignCritical() throws Throwable {
    return (int) CRITICAL.invokeExact();
  }
}
