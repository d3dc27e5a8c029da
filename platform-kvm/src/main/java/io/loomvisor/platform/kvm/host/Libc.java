package io.loomvisor.platform.kvm.host;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The libc calls of the KVM platform. Results follow the kernel's convention: a negative value is {@code -errno}.
 *
 * <p>Safe because every address handed to libc here is either one that mmap returned to this module and that is still
 * mapped, or an off-heap segment that the caller keeps reachable during the call; nothing in this class takes an address
 * that the application chose.
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
  public static final int MADV_POPULATE_WRITE = 23;
  public static final int MFD_CLOEXEC = 1;
  public static final int FALLOC_KEEP_SIZE = 1;
  public static final int FALLOC_PUNCH_HOLE = 2;
  private static final int SA_RESTART = 0x10000000;
  private static final int SIGRTMIN = 34;

  /** The real-time signal that gets a thread out of KVM_RUN. The JVM and glibc use none of the upper ones. */
  public static final int KICK_SIGNAL = SIGRTMIN + 6;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");

  /** struct sigaction of glibc on x86-64: handler 8, mask 128, flags 4 (at 136), restorer 8. */
  private static final int SIGACTION_SIZE = 152;

  private static final int SIGACTION_FLAGS = 136;

  private static final MethodHandle IOCTL =
      LINKER.downcallHandle(
          symbol("ioctl"),
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG),
          ERRNO,
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle OPEN =
      LINKER.downcallHandle(
          symbol("open"),
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
          ERRNO,
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle CLOSE = bind("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle MMAP =
      bind(
          "mmap",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MUNMAP =
      bind("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle MPROTECT =
      bind("mprotect", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle MADVISE =
      bind("madvise", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle MEMFD_CREATE =
      bind("memfd_create", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle FTRUNCATE =
      bind("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle FALLOCATE =
      bind("fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle SIGACTION =
      bind("sigaction", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle CLOCK_GETTIME =
      bind("clock_gettime", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));

  /** Returns its error instead of setting errno. */
  private static final MethodHandle PTHREAD_KILL =
      LINKER.downcallHandle(
          symbol("pthread_kill"), FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT));

  /** Reads a register and never blocks, so it may skip the thread state transition. */
  private static final MethodHandle PTHREAD_SELF =
      LINKER.downcallHandle(
          symbol("pthread_self"), FunctionDescriptor.of(JAVA_LONG), Linker.Option.critical(false));

  private static final ThreadLocal<MemorySegment> CALL_STATE =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(Linker.Option.captureStateLayout()));

  private Libc() {}

  /** A place for errno; one per thread or per object that only one thread uses at a time. */
  public static MemoryLayout errnoLayout() {
    return Linker.Option.captureStateLayout();
  }

  /** ioctl(2) with errno captured in {@code state}: the hot path, no allocation. */
  public static int ioctl(MemorySegment state, int fd, long request, long argument) {
    try {
      int r = (int) IOCTL.invokeExact(state, fd, request, argument);
      return r >= 0 ? r : -state.get(JAVA_INT, 0);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  public static int ioctl(int fd, long request, long argument) {
    return ioctl(CALL_STATE.get(), fd, request, argument);
  }

  public static int open(String path, int flags) {
    MemorySegment state = CALL_STATE.get();
    try (Arena arena = Arena.ofConfined()) {
      int r = (int) OPEN.invokeExact(state, arena.allocateFrom(path), flags);
      return result(state, r);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  public static int close(int fd) {
    MemorySegment state = CALL_STATE.get();
    try {
      return result(state, (int) CLOSE.invokeExact(state, fd));
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /** mmap(2) at an address of the kernel's choice. */
  public static long mmap(long length, int protection, int flags, int fd, long offset) {
    MemorySegment state = CALL_STATE.get();
    try {
      long r = (long) MMAP.invokeExact(state, 0L, length, protection, flags, fd, offset);
      return r == -1 ? -state.get(JAVA_INT, 0) : r;
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  public static int munmap(long address, long length) {
    MemorySegment state = CALL_STATE.get();
    try {
      return result(state, (int) MUNMAP.invokeExact(state, address, length));
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  public static int mprotect(long address, long length, int protection) {
    MemorySegment state = CALL_STATE.get();
    try {
      return result(state, (int) MPROTECT.invokeExact(state, address, length, protection));
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /** madvise(2); the call keeps the mapping alive for as long as it lasts. */
  public static int madvise(MemorySegment range, int advice) {
    MemorySegment state = CALL_STATE.get();
    try {
      return result(state, (int) MADVISE.invokeExact(state, range, range.byteSize(), advice));
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  public static int memfdCreate(String name, int flags) {
    MemorySegment state = CALL_STATE.get();
    try (Arena arena = Arena.ofConfined()) {
      return result(state, (int) MEMFD_CREATE.invokeExact(state, arena.allocateFrom(name), flags));
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  public static int ftruncate(int fd, long length) {
    MemorySegment state = CALL_STATE.get();
    try {
      return result(state, (int) FTRUNCATE.invokeExact(state, fd, length));
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  public static int fallocate(int fd, int mode, long offset, long length) {
    MemorySegment state = CALL_STATE.get();
    try {
      return result(state, (int) FALLOCATE.invokeExact(state, fd, mode, offset, length));
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /** clock_gettime(2) in nanoseconds. */
  public static long clock(int id) {
    MemorySegment state = CALL_STATE.get();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ts = arena.allocate(16, 8);
      int r = result(state, (int) CLOCK_GETTIME.invokeExact(state, id, ts));
      if (r < 0) {
        throw new KvmException("clock_gettime(" + id + ")", -r);
      }
      return ts.get(JAVA_LONG, 0) * 1_000_000_000L + ts.get(JAVA_LONG, 8);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /** The native thread that runs the caller; for a virtual thread its carrier, until it next parks. */
  public static long pthreadSelf() {
    try {
      return (long) PTHREAD_SELF.invokeExact();
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /** Sends {@link #KICK_SIGNAL}. {@code thread} must be alive for as long as the call lasts. */
  public static void kick(long thread) {
    int r;
    try {
      r = (int) PTHREAD_KILL.invokeExact(thread, KICK_SIGNAL);
    } catch (Throwable t) {
      throw rethrown(t);
    }
    // EAGAIN: the limit of queued signals is reached, which means that one is on its way already.
    if (r != 0 && r != EAGAIN) {
      throw new KvmException("pthread_kill", r);
    }
  }

  /**
   * Gives the kick signal a handler that does nothing, so that it interrupts KVM_RUN and is otherwise without effect:
   * libc's {@code abs} has the signature of a handler and touches nothing. SA_RESTART, so that other calls go on.
   */
  public static void installKickHandler() {
    MemorySegment state = CALL_STATE.get();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment action = arena.allocate(SIGACTION_SIZE, 8);
      action.set(ADDRESS, 0, symbol("abs"));
      action.set(JAVA_INT, SIGACTION_FLAGS, SA_RESTART);
      int r = result(state, (int) SIGACTION.invokeExact(state, KICK_SIGNAL, action, MemorySegment.NULL));
      if (r < 0) {
        throw new KvmException("sigaction", -r);
      }
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  private static int result(MemorySegment state, int r) {
    return r == -1 ? -state.get(JAVA_INT, 0) : r;
  }

  private static MemorySegment symbol(String name) {
    return LINKER.defaultLookup().findOrThrow(name);
  }

  private static MethodHandle bind(String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(symbol(name), type, ERRNO);
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
