package io.loomvisor.kernel.process;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.Refusals;
import java.util.Map;

/**
 * What clone(2), clone3(2), fork(2) and vfork(2) ask for.
 *
 * @param flags CLONE_ bits without the exit signal
 * @param exitSignal sent to the parent when the child ends; 0 for none
 * @param stack the child's stack pointer; 0 for the parent's
 * @param tls the child's FS base, with CLONE_SETTLS
 */
public record CloneRequest(
    long flags, int exitSignal, long stack, long parentTid, long childTid, long tls, long pidfd) {
  public static final long CLONE_VM = 0x100;
  public static final long CLONE_FS = 0x200;
  public static final long CLONE_FILES = 0x400;
  public static final long CLONE_SIGHAND = 0x800;
  public static final long CLONE_PIDFD = 0x1000;
  public static final long CLONE_PTRACE = 0x2000;
  public static final long CLONE_VFORK = 0x4000;
  public static final long CLONE_PARENT = 0x8000;
  public static final long CLONE_THREAD = 0x10000;
  public static final long CLONE_NEWNS = 0x20000;
  public static final long CLONE_SYSVSEM = 0x40000;
  public static final long CLONE_SETTLS = 0x80000;
  public static final long CLONE_PARENT_SETTID = 0x100000;
  public static final long CLONE_CHILD_CLEARTID = 0x200000;
  public static final long CLONE_DETACHED = 0x400000;
  public static final long CLONE_UNTRACED = 0x800000;
  public static final long CLONE_CHILD_SETTID = 0x1000000;
  public static final long CLONE_NEWCGROUP = 0x2000000;
  public static final long CLONE_NEWUTS = 0x4000000;
  public static final long CLONE_NEWIPC = 0x8000000;
  public static final long CLONE_NEWUSER = 0x10000000;
  public static final long CLONE_NEWPID = 0x20000000;
  public static final long CLONE_NEWNET = 0x40000000;
  public static final long CLONE_IO = 0x80000000L;
  public static final long CLONE_CLEAR_SIGHAND = 0x100000000L;

  /** New namespaces are not offered yet. */
  private static final long UNSUPPORTED_NAMESPACES =
      CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

  private static final Map<Long, String> NAMESPACES =
      Map.of(
          CLONE_NEWCGROUP, "cgroup",
          CLONE_NEWIPC, "ipc",
          CLONE_NEWUSER, "user",
          CLONE_NEWPID, "pid",
          CLONE_NEWNET, "net");

  private static final long KNOWN = 0x1_FFFF_FF00L | CLONE_IO;

  public boolean has(long flag) {
    return (flags & flag) != 0;
  }

  /**
   * EINVAL for combinations that Linux refuses (clone(2), ERRORS); EPERM for namespaces that are
   * not offered, which the log names.
   */
  public CloneRequest validated(Task parent) {
    boolean bad =
        (flags & ~KNOWN) != 0
            || has(CLONE_SIGHAND) && !has(CLONE_VM)
            || has(CLONE_THREAD) && !has(CLONE_SIGHAND)
            || has(CLONE_NEWNS) && has(CLONE_FS)
            || has(CLONE_SIGHAND) && has(CLONE_CLEAR_SIGHAND)
            || has(CLONE_PIDFD) && has(CLONE_DETACHED)
            || has(CLONE_THREAD) && has(CLONE_NEWUSER | CLONE_NEWPID)
            || exitSignal < 0
            || exitSignal > 64;
    if (bad) {
      throw Errno.EINVAL.exception();
    }
    if (has(UNSUPPORTED_NAMESPACES)) {
      reportNamespaces(parent, flags);
      throw Errno.EPERM.exception();
    }
    return this;
  }

  /** Says which of the namespaces that {@code flags} ask for there are not. */
  public static void reportNamespaces(Task task, long flags) {
    NAMESPACES.forEach(
        (flag, name) -> {
          if ((flags & flag) != 0) {
            Refusals.report(task.threadGroupId(), "a new namespace: " + name);
          }
        });
  }
}
