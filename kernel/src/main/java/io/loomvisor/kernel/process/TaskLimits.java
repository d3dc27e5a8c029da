package io.loomvisor.kernel.process;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.ResourceLimits;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.proc.Sysctl;
import io.loomvisor.vfs.proc.SysctlTable;

/**
 * How many tasks there may be: kernel.threads-max of all users together, RLIMIT_NPROC of one user
 * (kernel/fork.c: copy_process()), and a container's own limit, as a cgroup has it in pids.max
 * (kernel/cgroup/pids.c: pids_can_fork()). Any thread.
 *
 * <p>Nothing is counted ahead: tasks are looked through when a limit is in force and could be
 * reached. Clones that run at the same moment may therefore exceed it by their own number.
 */
public final class TaskLimits {
  private static final long THREADS_MIN = 20;
  private static final long THREADS_DEFAULT_MIN = 1024;

  /** Linux gives an eighth of memory to tasks, at 16 KiB each (fork_init()). */
  private static final long MEMORY_PER_TASK = 128 << 10;

  /** What one task takes of the sentry's heap, several times over: 16 KiB for a small program. */
  private static final long HEAP_PER_TASK = 64 << 10;

  private final ProcessTree processes;
  private final Sysctl.Number threadsMax;
  private volatile long containerMax = Long.MAX_VALUE;

  public TaskLimits(ProcessTree processes, long memoryBytes) {
    this.processes = processes;
    long most = Math.max(THREADS_DEFAULT_MIN, Runtime.getRuntime().maxMemory() / HEAP_PER_TASK);
    this.threadsMax =
        new Sysctl.Number(
            Math.clamp(memoryBytes / MEMORY_PER_TASK, THREADS_DEFAULT_MIN, most),
            THREADS_MIN,
            most);
  }

  /**
   * Tasks and zombies that there may be; who is above it already stays, root is bound as all are.
   *
   * @param most not above 0: without limit
   */
  public void limitContainer(long most) {
    containerMax = most > 0 ? most : Long.MAX_VALUE;
  }

  /** Shows them in /proc/sys. */
  public void addTo(SysctlTable table) {
    table.put("kernel/threads-max", threadsMax);
  }

  /** Before a task more: EAGAIN. */
  void requireRoom(Task parent) {
    Credentials c = parent.credentials();
    boolean privileged = c.has(Credentials.CAP_SYS_RESOURCE) || c.has(Credentials.CAP_SYS_ADMIN);
    if (processes.taskCount() >= threadsMax.value()
        || !privileged && exceeds(parent, c.uid(), 1)
        || containerMax != Long.MAX_VALUE && processes.taskAndZombieCount() >= containerMax) {
      throw Errno.EAGAIN.exception();
    }
    parent.setProcessLimitExceeded(false);
  }

  /**
   * Before a change of the real user: if that one has too many tasks already, execve(2) will fail
   * (kernel/sys.c: flag_nproc_exceeded()).
   */
  public void userChanges(Task task, int uid) {
    task.setProcessLimitExceeded(exceeds(task, uid, 0));
  }

  /** execve(2) after such a change: EAGAIN if there still are too many. */
  public void requireExec(Task task) {
    if (task.processLimitExceeded() && exceeds(task, task.credentials().uid(), 0)) {
      throw Errno.EAGAIN.exception();
    }
    task.setProcessLimitExceeded(false);
  }

  /** Root is not limited. */
  private boolean exceeds(Task task, int uid, int more) {
    long limit = task.group().limits().soft(ResourceLimits.RLIMIT_NPROC);
    return uid != 0 && limit != Long.MAX_VALUE && processes.tasksOf(uid) + more > limit;
  }
}
