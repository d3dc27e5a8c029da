package io.loomvisor.runtime.host;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.runtime.seccomp.BpfInstruction;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Host calls by which a process gives up rights. All but {@link #unshare} work on the whole
 * process, whatever its number of threads: glibc hands changes of ids on to every thread (nptl(7)),
 * and seccomp has TSYNC.
 */
public final class Confinement {
  public static final int CLONE_NEWNS = 0x0002_0000;
  public static final int CLONE_NEWUTS = 0x0400_0000;
  public static final int CLONE_NEWIPC = 0x0800_0000;
  public static final int CLONE_NEWPID = 0x2000_0000;
  public static final int CLONE_NEWNET = 0x4000_0000;

  private static final int NR_GETPID = 39;
  private static final int NR_CHDIR = 80;
  private static final int NR_CAPGET = 125;
  private static final int NR_CAPSET = 126;
  private static final int CAPABILITY_VERSION_3 = 0x2008_0522;
  private static final int PR_CAPBSET_DROP = 24;
  private static final int NR_PRCTL = 157;
  private static final int NR_UNSHARE = 272;
  private static final int NR_PRLIMIT64 = 302;
  private static final int NR_SETNS = 308;
  private static final int NR_SECCOMP = 317;
  private static final int SECCOMP_SET_MODE_FILTER = 1;
  private static final int SECCOMP_FILTER_FLAG_TSYNC = 1;
  private static final int PR_SET_DUMPABLE = 4;
  private static final int PR_SET_NO_NEW_PRIVS = 38;

  private Confinement() {}

  /**
   * Gives the calling thread, and what it starts, namespaces of its own. A thread that does this
   * must be a platform thread that is good for nothing else.
   */
  public static void unshare(int flags) throws IOException {
    Syscall.checked("unshare", Syscall.result(NR_UNSHARE, flags));
  }

  /** Moves the calling thread into the namespace that descriptor {@code fd} names (setns(2)). */
  public static void enter(int fd, int kind) throws IOException {
    Syscall.checked("setns", Syscall.result(NR_SETNS, fd, kind));
  }

  /**
   * Leaves programs that the calling thread starts from now on, as root, no capabilities but those
   * of {@code allowed}; the thread keeps its own. As {@link #unshare}, for a thread that is good
   * for nothing else.
   */
  public static void limitPrograms(long allowed) throws IOException {
    for (int capability = 0; capability < Long.SIZE; capability++) {
      if ((allowed >>> capability & 1) == 0) {
        long r = Syscall.result(NR_PRCTL, PR_CAPBSET_DROP, capability, 0, 0, 0);
        if (r == Errno.EINVAL.result()) {
          break; // behind the last that there is
        }
        Syscall.checked("dropping a capability", r);
      }
    }
    try (Arena arena = Arena.ofConfined()) {
      // struct __user_cap_header_struct: version 0, pid 4. Data: effective 0, permitted 4,
      // inheritable 8, and the same for the upper half.
      MemorySegment header = arena.allocate(8, 8);
      MemorySegment sets = arena.allocate(24, 8);
      header.set(ValueLayout.JAVA_INT, 0, CAPABILITY_VERSION_3);
      Syscall.call(arena, "capget", NR_CAPGET, header.address(), sets.address());
      sets.set(ValueLayout.JAVA_INT, 8, 0);
      sets.set(ValueLayout.JAVA_INT, 20, 0);
      Syscall.call(arena, "capset", NR_CAPSET, header.address(), sets.address());
    }
  }

  /** Moves the calling thread, which has been {@link #unshare unshared}, to the root directory. */
  public static void leaveDirectory() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      Syscall.call(arena, "chdir", NR_CHDIR, Syscall.string(arena, "/"));
    }
  }

  /**
   * Becomes {@code uid} and {@code gid} without supplementary groups and, if not root,
   * capabilities.
   */
  public static void become(int uid, int gid) throws IOException {
    String what = "changing to another user";
    try (Arena arena = Arena.ofConfined()) {
      Syscall.call(arena, what, Syscall.function("setgroups"), 0, 0);
      Syscall.call(arena, what, Syscall.function("setresgid"), gid, gid, gid);
      Syscall.call(arena, what, Syscall.function("setresuid"), uid, uid, uid);
    }
  }

  /** Sets both limits, and never above what they are. */
  public static void limit(int resource, long value) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment limit = arena.allocate(16, 8); // struct rlimit: soft 8, hard 8
      Syscall.call(arena, "prlimit", NR_PRLIMIT64, 0, resource, 0, limit.address());
      long hard = limit.get(ValueLayout.JAVA_LONG, 8);
      long least = Long.compareUnsigned(hard, value) < 0 ? hard : value;
      limit.set(ValueLayout.JAVA_LONG, 0, least);
      limit.set(ValueLayout.JAVA_LONG, 8, least);
      Syscall.call(arena, "prlimit", NR_PRLIMIT64, 0, resource, limit.address(), 0);
    }
  }

  /** No core dump, no ptrace(2) by others of the same user; no program started can gain rights. */
  public static void forbidPrivileges() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      Syscall.call(arena, "prctl", NR_PRCTL, PR_SET_DUMPABLE, 0);
      Syscall.call(arena, "prctl", NR_PRCTL, PR_SET_NO_NEW_PRIVS, 1);
    }
  }

  /** Puts every thread under {@code program}; {@link #forbidPrivileges} has been called. */
  public static void install(List<BpfInstruction> program) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment code = arena.allocate((long) program.size() * BpfInstruction.SIZE, 8);
      code.asByteBuffer().put(BpfInstruction.bytes(program));
      // struct sock_fprog: len 0, filter 8.
      MemorySegment head = arena.allocate(16, 8);
      head.set(ValueLayout.JAVA_SHORT, 0, (short) program.size());
      head.set(ValueLayout.JAVA_LONG, 8, code.address());
      long r =
          Syscall.call(
              arena,
              "seccomp",
              NR_SECCOMP,
              SECCOMP_SET_MODE_FILTER,
              SECCOMP_FILTER_FLAG_TSYNC,
              head.address());
      if (r != 0) {
        throw new IOException("seccomp: thread " + r + " cannot be put under the filter");
      }
    }
  }

  public static int pid() {
    return (int) Syscall.result(NR_GETPID);
  }
}
