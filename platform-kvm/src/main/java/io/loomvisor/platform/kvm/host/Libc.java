package io.loomvisor.platform.kvm.host;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The libc calls of the KVM platform. Results follow the kernel's convention: a negative value is
 * {@code -errno}.
 *
 * <p>Safe because every address handed to libc here is either one that mmap returned to this module
 * and that is still mapped, or an off-heap segment that the caller keeps reachable during the call;
 * nothing in this class takes an address that the application chose.
 */
public final class Libc {
  public static final int EINTR = 4;
  public static final int EAGAIN = 11;

  public static final int O_RDWR = 2;
  public static final int O_CLOEXEC = 0x80000;
  public static final int PROT_READ = 1;
  public static final int PROT_WRITE = 2;
  public static final int PROT_EXEC = 4;
  public static final int MAP_SHARED = 1;
  public static final int MAP_PRIVATE = 2;
  public static final int MAP_ANONYMOUS = 0x20;
  public static final int MAP_NORESERVE = 0x4000;
  public static final int MADV_DONTNEED = 4;
  public static final int MADV_DONTFORK = 10;
  public static final int MADV_DONTDUMP = 16;
  public static final int MADV_POPULATE_READ = 22;
  public static final int MADV_POPULATE_WRITE = 23;
  public static final int MFD_CLOEXEC = 1;
  public static final int FALLOC_KEEP_SIZE = 1;
  public static final int FALLOC_PUNCH_HOLE = 2;
  private static final int SA_RESTART = 0x10000000;
  private static final int SIGRTMIN = 34;
  private static final int CLOCK_THREAD_CPUTIME_ID = 3;
  private static final int AT_SYSINFO_EHDR = 33;
  private static final long NANOS = 1_000_000_000;

  /** struct timespec. */
  private static final int TIMESPEC_SIZE = 16;

  /**
   * The real-time signal that gets a thread out of KVM_RUN. The JVM and glibc use none of the upper
   * ones.
   */
  public static final int KICK_SIGNAL = SIGRTMIN + 6;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");

  /** struct sigaction of glibc on x86-64: handler 8, mask 128, flags 4 (at 136), restorer 8. */
  private static final int SIGACTION_SIZE = 152;

  private static final int SIGACTION_FLAGS = 136;

  /**
   * Every function is called with seven longs, of which it takes as many as it has parameters: in
   * the System V calling convention integers and pointers all travel in the same registers, and a
   * callee looks at the part that it needs. One type of call for all of them, the one that the
   * gofer protocol's host calls have too, because the JDK spins classes for each type, which costs
   * milliseconds of start-up.
   */
  private static final MethodHandle CALL =
      LINKER.downcallHandle(
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
              JAVA_LONG),
          ERRNO);

  /** Where errno goes of functions that have none. */
  private static final MemorySegment NO_ERRNO =
      Arena.global().allocate(Linker.Option.captureStateLayout());

  private static final MemorySegment IOCTL = symbol("ioctl");
  private static final MemorySegment OPEN = symbol("open");
  private static final MemorySegment CLOSE = symbol("close");
  private static final MemorySegment MMAP = symbol("mmap");
  private static final MemorySegment MUNMAP = symbol("munmap");
  private static final MemorySegment MPROTECT = symbol("mprotect");
  private static final MemorySegment MADVISE = symbol("madvise");
  private static final MemorySegment MEMFD_CREATE = symbol("memfd_create");
  private static final MemorySegment FTRUNCATE = symbol("ftruncate");
  private static final MemorySegment FALLOCATE = symbol("fallocate");
  private static final MemorySegment SIGACTION = symbol("sigaction");
  private static final MemorySegment PTHREAD_KILL = symbol("pthread_kill");
  private static final MemorySegment PTHREAD_SELF = symbol("pthread_self");
  private static final MemorySegment SCHED_GETCPU = symbol("sched_getcpu");
  private static final MemorySegment SCHED_GETAFFINITY = symbol("sched_getaffinity");
  private static final MemorySegment SCHED_SETAFFINITY = symbol("sched_setaffinity");
  private static final MemorySegment GETAUXVAL = symbol("getauxval");
  private static final MemorySegment CLOCK_GETTIME = symbol("clock_gettime");

  private static final ThreadLocal<MemorySegment> CALL_STATE =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(Linker.Option.captureStateLayout()));

  private static final ThreadLocal<MemorySegment> TIMESPEC =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(TIMESPEC_SIZE, 8));

  private Libc() {}

  /** A place for errno; one per thread or per object that only one thread uses at a time. */
  public static MemoryLayout errnoLayout() {
    return Linker.Option.captureStateLayout();
  }

  /** ioctl(2) with errno captured in {@code state}: the hot path, no allocation. */
  public static int ioctl(MemorySegment state, int fd, long request, long argument) {
    try {
      int r =
          (int) (long) CALL.invokeExact(IOCTL, state, (long) fd, request, argument, 0L, 0L, 0L, 0L);
      return r >= 0 ? r : -state.get(JAVA_INT, 0);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  public static int ioctl(int fd, long request, long argument) {
    return ioctl(CALL_STATE.get(), fd, request, argument);
  }

  /** A function that returns an int, -1 with errno set on failure. */
  private static int call(MemorySegment function, long a, long b, long c, long d) {
    MemorySegment state = CALL_STATE.get();
    try {
      int r = (int) (long) CALL.invokeExact(function, state, a, b, c, d, 0L, 0L, 0L);
      return r == -1 ? -state.get(JAVA_INT, 0) : r;
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /**
   * Code without parameters that cannot fail: a type of call of its own would cost a start 10 ms.
   */
  static long plain(MemorySegment code) {
    try {
      return (long) CALL.invokeExact(code, NO_ERRNO, 0L, 0L, 0L, 0L, 0L, 0L, 0L);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  public static int open(String path, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      return call(OPEN, arena.allocateFrom(path).address(), flags, 0, 0);
    }
  }

  public static int close(int fd) {
    return call(CLOSE, fd, 0, 0, 0);
  }

  /** mmap(2) at an address of the kernel's choice. */
  public static long mmap(long length, int protection, int flags, int fd, long offset) {
    MemorySegment state = CALL_STATE.get();
    try {
      long r =
          (long)
              CALL.invokeExact(
                  MMAP, state, 0L, length, (long) protection, (long) flags, (long) fd, offset, 0L);
      return r == -1 ? -state.get(JAVA_INT, 0) : r;
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  public static int munmap(long address, long length) {
    return call(MUNMAP, address, length, 0, 0);
  }

  public static int mprotect(long address, long length, int protection) {
    return call(MPROTECT, address, length, protection, 0);
  }

  public static int madvise(long address, long length, int advice) {
    return call(MADVISE, address, length, advice, 0);
  }

  public static int memfdCreate(String name, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      return call(MEMFD_CREATE, arena.allocateFrom(name).address(), flags, 0, 0);
    }
  }

  public static int ftruncate(int fd, long length) {
    return call(FTRUNCATE, fd, length, 0, 0);
  }

  public static int fallocate(int fd, int mode, long offset, long length) {
    return call(FALLOCATE, fd, mode, offset, length);
  }

  /**
   * The native thread that runs the caller; for a virtual thread its carrier, until it next parks.
   */
  public static long pthreadSelf() {
    return plain(PTHREAD_SELF);
  }

  /** Whether the host has a vDSO; without one {@link #cpu} is a system call. */
  public static boolean vdso() {
    return call(GETAUXVAL, AT_SYSINFO_EHDR, 0, 0, 0) != 0;
  }

  /** The CPU on which the caller has just been. Only where there is a {@link #vdso}. */
  public static int cpu() {
    return (int) plain(SCHED_GETCPU);
  }

  /**
   * On which CPUs the native thread that runs the caller may run; the bytes that say so. A platform
   * thread, or one that is pinned.
   */
  public static int schedGetAffinity(MemorySegment mask) {
    // The C library's function clears the rest and returns 0.
    int r = call(SCHED_GETAFFINITY, 0, mask.byteSize(), mask.address(), 0);
    return r < 0 ? r : (int) mask.byteSize();
  }

  /**
   * Has the native thread that runs the caller run on these CPUs only; EINVAL if there are none.
   */
  public static int schedSetAffinity(MemorySegment mask) {
    return call(SCHED_SETAFFINITY, 0, mask.byteSize(), mask.address(), 0);
  }

  /** How long the native thread that runs the caller has had a CPU, ns. */
  public static long threadCpuTime() {
    MemorySegment time = TIMESPEC.get();
    int r = call(CLOCK_GETTIME, CLOCK_THREAD_CPUTIME_ID, time.address(), 0, 0);
    if (r < 0) {
      throw new KvmException("clock_gettime", -r);
    }
    return time.get(JAVA_LONG, 0) * NANOS + time.get(JAVA_LONG, 8);
  }

  /** Sends {@link #KICK_SIGNAL}. {@code thread} must be alive for as long as the call lasts. */
  public static void kick(long thread) {
    // It returns its error instead of setting errno.
    int r = call(PTHREAD_KILL, thread, KICK_SIGNAL, 0, 0);
    // EAGAIN: the limit of queued signals is reached, which means that one is on its way already.
    if (r != 0 && r != EAGAIN) {
      throw new KvmException("pthread_kill", r);
    }
  }

  /**
   * Gives the kick signal a handler that does nothing, so that it interrupts KVM_RUN and is
   * otherwise without effect: libc's {@code abs} has the signature of a handler and touches
   * nothing. SA_RESTART, so that other calls go on.
   */
  public static void installKickHandler() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment action = arena.allocate(SIGACTION_SIZE, 8);
      action.set(JAVA_LONG, 0, symbol("abs").address());
      action.set(JAVA_INT, SIGACTION_FLAGS, SA_RESTART);
      int r = call(SIGACTION, KICK_SIGNAL, action.address(), 0, 0);
      if (r < 0) {
        throw new KvmException("sigaction", -r);
      }
    }
  }

  private static MemorySegment symbol(String name) {
    return LINKER.defaultLookup().findOrThrow(name);
  }

  /** invokeExact declares Throwable; only unchecked ones can come. */
  private static RuntimeException rethrown(Throwable t) {
    if (t instanceof RuntimeException e) {
      return e;
    }
    if (t instanceof Error e) {
      throw e;
    }
    return new IllegalStateException(t);
  }
}
