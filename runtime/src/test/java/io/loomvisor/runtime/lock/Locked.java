package io.loomvisor.runtime.lock;

import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.runtime.host.Confinement;
import io.loomvisor.runtime.seccomp.FilterProgram;
import io.loomvisor.runtime.seccomp.SentrySyscall;
import io.loomvisor.runtime.seccomp.Verdict;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * A program of the tests: a subverted sentry. It puts itself under the sentry's lock and makes the
 * syscall that its arguments name.
 *
 * <pre>
 *   lock NAME ARG...     under SentryLock; dies of SIGSYS if the syscall is not allowed
 *   tell                 under the filter with EPERM in place of death: reads lines "NAME ARG..."
 *                        from standard input and answers "NAME RESULT", errno negative
 *   live                 under SentryLock; does what a JVM does, and says "alive"
 * </pre>
 *
 * An argument "path" stands for the address of "/etc/passwd", "self" for the process's id.
 */
public final class Locked {
  private static final MethodHandle SYSCALL =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG),
              Linker.Option.captureCallState("errno"));
  private static final MethodHandle REALLOC =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("realloc"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
  private static final MemorySegment STATE =
      Arena.global().allocate(Linker.Option.captureStateLayout());
  private static final long PATH = Arena.global().allocateFrom("/etc/passwd").address();

  private Locked() {}

  public static void main(String[] args) throws Throwable {
    call(List.of("GETPID")); // whatever the first call needs
    switch (args[0]) {
      case "lock" -> {
        SentryLock.prepare().engage();
        System.out.println("locked");
        System.out.println(call(List.of(args).subList(1, args.length)));
      }
      case "tell" -> tell();
      case "live" -> {
        realloc(realloc(0, 1), 2);
        SentryLock.prepare().engage();
        live();
      }
      default -> throw new IllegalArgumentException(args[0]);
    }
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }

  private static void tell() throws Throwable {
    List<List<String>> calls = new ArrayList<>();
    for (String line : new String(System.in.readAllBytes()).lines().toList()) {
      calls.add(List.of(line.split(" ")));
    }
    Preload.run();
    Confinement.forbidPrivileges();
    Confinement.install(
        FilterProgram.of(SentrySyscall.rules(Confinement.pid(), true), Verdict.NOT_PERMITTED));
    for (List<String> call : calls) {
      System.out.println(String.join(" ", call) + " = " + call(call));
    }
  }

  private static long call(List<String> call) throws Throwable {
    long[] a = new long[6];
    for (int i = 1; i < call.size(); i++) {
      a[i - 1] =
          switch (call.get(i)) {
            case "path" -> PATH;
            case "self" -> ProcessHandle.current().pid();
            default -> Long.decode(call.get(i));
          };
    }
    long number = SyscallNumber.valueOf(call.getFirst()).number();
    long r = (long) SYSCALL.invokeExact(STATE, number, a[0], a[1], a[2], a[3], a[4], a[5]);
    return r == -1 ? -STATE.get(ValueLayout.JAVA_INT, 0) : r;
  }

  /**
   * Collections, compilation, threads of both kinds, timers, deep stacks, full heaps, late classes.
   */
  private static void live() throws Throwable {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      Thread t = i % 4 == 0 ? new Thread(Locked::work) : Thread.ofVirtual().unstarted(Locked::work);
      threads.add(t);
      t.start();
    }
    for (Thread t : threads) {
      t.join();
    }
    System.gc();
    try {
      overflow(0);
      throw new AssertionError("no end of the stack");
    } catch (StackOverflowError e) {
      System.out.println("overflowed");
    }
    try {
      List<byte[]> all = new ArrayList<>();
      while (true) {
        all.add(new byte[16 << 20]);
      }
    } catch (OutOfMemoryError e) {
      System.out.println("exhausted");
    }
    grow();
    new Exception("a stack trace").printStackTrace();
    System.out.println(new LateClass(7).twice());
    System.out.println(String.format("%,d %s", 12345, java.time.Instant.EPOCH));
    System.out.println("alive");
  }

  /** Blocks of this size are mappings of their own, which realloc would enlarge by mremap. */
  private static void grow() throws Throwable {
    long size = 1 << 20;
    MemorySegment small = MemorySegment.ofAddress(realloc(0, size)).reinterpret(size);
    small.fill((byte) 7);
    MemorySegment large = MemorySegment.ofAddress(realloc(small.address(), 8 * size));
    MemorySegment before = large.reinterpret(size);
    if (large.address() != 0
        && before.get(ValueLayout.JAVA_BYTE, 0) == 7
        && before.get(ValueLayout.JAVA_BYTE, size - 1) == 7) {
      System.out.println("grown");
    }
  }

  private static long realloc(long block, long size) throws Throwable {
    return (long) REALLOC.invokeExact(block, size);
  }

  private static int overflow(int depth) {
    return overflow(depth + 1) + 1;
  }

  private static void work() {
    long sum = 0;
    for (int round = 0; round < 30; round++) {
      List<Integer> list = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        list.add(i * round);
      }
      sum += list.stream().mapToLong(Integer::longValue).sum();
    }
    try {
      Thread.sleep(1);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (sum < 0) {
      throw new IllegalStateException("sum");
    }
  }

  /** First used when no file can be opened any more. */
  private record LateClass(int n) {
    int twice() {
      return 2 * n;
    }
  }
}
