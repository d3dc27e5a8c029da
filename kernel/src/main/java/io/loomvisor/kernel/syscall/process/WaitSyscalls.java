package io.loomvisor.kernel.syscall.process;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.process.PidFd;
import io.loomvisor.kernel.signal.SigInfoLayout;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.kernel.syscall.UsageLayout;
import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.scheduler.wait.WaitEntry;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ChildEvent;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.WaitOptions;
import io.loomvisor.task.process.WaitSelector;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalInfo;
import io.loomvisor.vfs.FileDescription;

/** wait4(2) and waitid(2). */
public final class WaitSyscalls {
  private static final int WNOTHREAD = 0x2000_0000;
  private static final int P_ALL = 0;
  private static final int P_PID = 1;
  private static final int P_PGID = 2;
  private static final int P_PIDFD = 3;

  private final ProcessTree processes;

  public WaitSyscalls(ProcessTree processes) {
    this.processes = processes;
  }

  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.WAIT4, this::wait4);
    b.full(SyscallNumber.WAITID, this::waitid);
  }

  private long wait4(Task task, SyscallArguments a) {
    int pid = a.getInt(0);
    int options = a.getInt(2);
    int known =
        WaitOptions.WNOHANG
            | WaitOptions.WUNTRACED
            | WaitOptions.WCONTINUED
            | WNOTHREAD
            | WaitOptions.WCLONE
            | WaitOptions.WALL;
    if ((options & ~known) != 0) {
      throw Errno.EINVAL.exception();
    }
    if (pid == Integer.MIN_VALUE) {
      throw Errno.ESRCH.exception();
    }
    WaitSelector selector =
        switch (Integer.signum(pid)) {
          case 1 -> new WaitSelector.Pid(pid);
          case 0 -> new WaitSelector.ProcessGroup(task.processGroupId());
          default -> pid == -1 ? new WaitSelector.AnyChild() : new WaitSelector.ProcessGroup(-pid);
        };
    ChildEvent event = await(task, selector, options | WaitOptions.WEXITED);
    if (event == null) {
      return 0;
    }
    if (a.get(1) != 0) {
      task.memory().putInt(a.get(1), event.status());
    }
    if (a.get(3) != 0) {
      task.memory().copyOut(a.get(3), UsageLayout.encode(event.usage()));
    }
    return event.pid();
  }

  private long waitid(Task task, SyscallArguments a) {
    int options = a.getInt(3);
    int states = WaitOptions.WEXITED | WaitOptions.WUNTRACED | WaitOptions.WCONTINUED;
    int known =
        states
            | WaitOptions.WNOHANG
            | WaitOptions.WNOWAIT
            | WNOTHREAD
            | WaitOptions.WCLONE
            | WaitOptions.WALL;
    if ((options & ~known) != 0 || (options & states) == 0) {
      throw Errno.EINVAL.exception();
    }
    ChildEvent event = await(task, selector(task, a.getInt(0), a.getInt(1)), options);
    if (a.get(4) != 0 && event != null) {
      task.memory().copyOut(a.get(4), UsageLayout.encode(event.usage()));
    }
    if (a.get(2) != 0) {
      task.memory().copyOut(a.get(2), info(event));
    }
    return 0;
  }

  private static WaitSelector selector(Task task, int type, int id) {
    return switch (type) {
      case P_ALL -> new WaitSelector.AnyChild();
      case P_PID -> new WaitSelector.Pid(positive(id));
      case P_PGID -> new WaitSelector.ProcessGroup(id == 0 ? task.processGroupId() : positive(id));
      case P_PIDFD -> {
        FileDescription d = task.descriptors().get(id);
        try {
          if (d instanceof PidFd p) {
            yield new WaitSelector.Pid(p.group().id());
          }
          throw Errno.EBADF.exception();
        } finally {
          d.release();
        }
      }
      default -> throw Errno.EINVAL.exception();
    };
  }

  private static int positive(int id) {
    if (id <= 0) {
      throw Errno.EINVAL.exception();
    }
    return id;
  }

  /** The next event; null only with WNOHANG. */
  private ChildEvent await(Task task, WaitSelector selector, int options) {
    ChildEvent event = processes.poll(task.group(), selector, options);
    if (event != null || (options & WaitOptions.WNOHANG) != 0) {
      return event;
    }
    WaitEntry entry = e -> task.sleeper().ready();
    task.group().childEvents().register(entry, -1);
    try {
      // A child that ended with the signal counts more than the signal (kernel/exit.c: do_wait).
      for (Sleeper.Wake wake = Sleeper.Wake.READY; ; wake = task.sleep(Sleeper.FOREVER)) {
        task.sleeper().arm();
        event = processes.poll(task.group(), selector, options);
        if (event != null) {
          return event;
        }
        if (wake == Sleeper.Wake.INTERRUPTED) {
          throw Errno.ERESTARTSYS.exception();
        }
      }
    } finally {
      task.group().childEvents().unregister(entry);
    }
  }

  /** siginfo as waitid fills it; all zero if there was no event. */
  private static byte[] info(ChildEvent e) {
    if (e == null) {
      return new byte[SigInfoLayout.SIZE];
    }
    int status =
        switch (e.code()) {
          case SignalInfo.CLD_EXITED -> e.status() >> 8 & 0xff;
          case SignalInfo.CLD_STOPPED -> e.status() >> 8 & 0xff;
          case SignalInfo.CLD_TRAPPED -> e.status() >> 8; // with the event of ptrace(2)
          case SignalInfo.CLD_CONTINUED -> Signal.SIGCONT;
          default -> e.status() & 0x7f;
        };
    return SigInfoLayout.encode(
        new SignalInfo(Signal.SIGCHLD, 0, e.code(), e.pid(), e.uid(), status, 0));
  }
}
