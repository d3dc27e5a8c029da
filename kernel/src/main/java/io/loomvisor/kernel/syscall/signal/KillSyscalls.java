package io.loomvisor.kernel.syscall.signal;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.process.PidFd;
import io.loomvisor.kernel.signal.SigInfoLayout;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalInfo;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.FileDescription;
import java.util.List;

/**
 * Sending: kill(2), tkill(2), tgkill(2), rt_sigqueueinfo(2), rt_tgsigqueueinfo(2),
 * pidfd_send_signal(2).
 */
public final class KillSyscalls {
  private final ProcessTree processes;

  public KillSyscalls(ProcessTree processes) {
    this.processes = processes;
  }

  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.KILL, this::kill);
    b.full(SyscallNumber.TKILL, (t, a) -> toThread(t, -1, a.getInt(0), a.getInt(1), null));
    b.full(SyscallNumber.TGKILL, this::tgkill);
    b.full(SyscallNumber.RT_SIGQUEUEINFO, this::sigqueueinfo);
    b.full(SyscallNumber.RT_TGSIGQUEUEINFO, this::tgsigqueueinfo);
    b.full(SyscallNumber.PIDFD_SEND_SIGNAL, this::pidfdSendSignal);
  }

  private long kill(Task task, SyscallArguments a) {
    int pid = a.getInt(0);
    int signal = checked(a.getInt(1));
    SignalInfo info = from(task, signal, SignalInfo.SI_USER);
    if (pid > 0) {
      return toProcess(task, process(pid), info);
    }
    if (pid == Integer.MIN_VALUE) {
      throw Errno.ESRCH.exception();
    }
    if (pid == -1) {
      return toEverybody(task, info);
    }
    int pgid = pid == 0 ? task.processGroupId() : -pid;
    return toMany(task, processes.groups(g -> g.processGroupId() == pgid), info);
  }

  /**
   * But to init and to itself. Who may not be sent to is no error here (kernel/signal.c:
   * kill_something_info()).
   */
  private long toEverybody(Task task, SignalInfo info) {
    List<ThreadGroup> targets =
        processes.groups(g -> g != task.group() && g.id() != ProcessTree.INIT);
    if (targets.isEmpty()) {
      throw Errno.ESRCH.exception();
    }
    for (ThreadGroup g : targets) {
      if (allowed(task, g, info.signal())) {
        send(g, info);
      }
    }
    return 0;
  }

  private long toMany(Task task, List<ThreadGroup> targets, SignalInfo info) {
    if (targets.isEmpty()) {
      throw Errno.ESRCH.exception();
    }
    boolean sent = false;
    for (ThreadGroup g : targets) {
      if (allowed(task, g, info.signal())) {
        send(g, info);
        sent = true;
      }
    }
    if (!sent) {
      throw Errno.EPERM.exception();
    }
    return 0;
  }

  private long toProcess(Task task, ThreadGroup group, SignalInfo info) {
    if (!allowed(task, group, info.signal())) {
      throw Errno.EPERM.exception();
    }
    send(group, info);
    return 0;
  }

  private void send(ThreadGroup group, SignalInfo info) {
    if (info.signal() != 0 && !processes.send(group, info, null)) {
      throw Errno.EAGAIN.exception();
    }
  }

  private long tgkill(Task task, SyscallArguments a) {
    if (a.getInt(0) <= 0) {
      throw Errno.EINVAL.exception();
    }
    return toThread(task, a.getInt(0), a.getInt(1), a.getInt(2), null);
  }

  /** {@code info} null: SI_TKILL. */
  private long toThread(Task task, int tgid, int tid, int signal, SignalInfo info) {
    checked(signal);
    if (tid <= 0) {
      throw Errno.EINVAL.exception();
    }
    Task target = processes.task(tid);
    if (target == null || tgid > 0 && target.threadGroupId() != tgid) {
      throw Errno.ESRCH.exception();
    }
    if (!allowed(task, target.group(), signal)) {
      throw Errno.EPERM.exception();
    }
    SignalInfo sent = info != null ? info : from(task, signal, SignalInfo.SI_TKILL);
    if (signal != 0 && !processes.send(target.group(), sent, target)) {
      throw Errno.EAGAIN.exception();
    }
    return 0;
  }

  private long sigqueueinfo(Task task, SyscallArguments a) {
    int signal = checked(a.getInt(1));
    ThreadGroup group = process(a.getInt(0));
    return toProcess(task, group, given(task, signal, a.get(2), group.id()));
  }

  private long tgsigqueueinfo(Task task, SyscallArguments a) {
    int signal = checked(a.getInt(2));
    if (a.getInt(0) <= 0 || a.getInt(1) <= 0) {
      throw Errno.EINVAL.exception();
    }
    return toThread(
        task, a.getInt(0), a.getInt(1), signal, given(task, signal, a.get(3), a.getInt(1)));
  }

  private long pidfdSendSignal(Task task, SyscallArguments a) {
    if (a.getInt(3) != 0) {
      throw Errno.EINVAL.exception();
    }
    int signal = checked(a.getInt(1));
    FileDescription d = task.descriptors().get(a.getInt(0));
    try {
      if (!(d instanceof PidFd p)) {
        throw Errno.EBADF.exception();
      }
      ThreadGroup group = process(p.group().id());
      SignalInfo info =
          a.get(2) == 0
              ? from(task, signal, SignalInfo.SI_USER)
              : given(task, signal, a.get(2), group.id());
      return toProcess(task, group, info);
    } finally {
      d.release();
    }
  }

  /**
   * A siginfo from the application: it may not claim to come from the kernel or kill, except to
   * itself.
   */
  private static SignalInfo given(Task task, int signal, long address, int targetId) {
    SignalInfo info =
        SigInfoLayout.decode(task.memory().copyIn(address, SigInfoLayout.SIZE), signal);
    boolean pretends = info.code() >= 0 || info.code() == SignalInfo.SI_TKILL;
    if (pretends && targetId != task.threadGroupId() && targetId != task.threadId()) {
      throw Errno.EPERM.exception();
    }
    return info;
  }

  private ThreadGroup process(int pid) {
    ThreadGroup g = processes.group(pid);
    if (g == null) {
      throw Errno.ESRCH.exception();
    }
    return g;
  }

  private static SignalInfo from(Task task, int signal, int code) {
    return SignalInfo.from(signal, code, task.threadGroupId(), task.credentials().uid(), 0);
  }

  private static int checked(int signal) {
    if (signal != 0 && !Signal.valid(signal)) {
      throw Errno.EINVAL.exception();
    }
    return signal;
  }

  /**
   * kill(2): real or effective uid equals real or saved uid of the target; SIGCONT within a
   * session; CAP_KILL.
   */
  private static boolean allowed(Task task, ThreadGroup target, int signal) {
    Credentials me = task.credentials();
    if (target == task.group() || me.has(Credentials.CAP_KILL)) {
      return true;
    }
    if (signal == Signal.SIGCONT && target.sessionId() == task.sessionId()) {
      return true;
    }
    List<Task> threads = target.tasks();
    if (threads.isEmpty()) {
      return true;
    }
    Credentials other = threads.get(0).credentials();
    return me.euid() == other.uid()
        || me.euid() == other.suid()
        || me.uid() == other.uid()
        || me.uid() == other.suid();
  }
}
