package io.loomvisor.vfs.tty;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;

/**
 * Who may do what to a terminal from the background, and how it becomes a controlling one
 * (drivers/tty/tty_jobctrl.c).
 */
final class JobRules {
  static final int CAP_SYS_ADMIN = Credentials.CAP_SYS_ADMIN;

  private JobRules() {}

  /**
   * Reading (SIGTTIN) and changing (SIGTTOU) by a process in the background of its own terminal:
   * the signal goes to its group and the call is restarted (ERESTARTSYS). EIO for orphans, and for
   * readers that ignore the signal.
   */
  static void checkForeground(Terminal t, TtySignal signal) {
    JobControl jobs = t.jobs();
    Caller caller = jobs.current();
    int foreground = t.foreground();
    if (caller == null
        || foreground == 0
        || caller.processGroupId() == foreground
        || jobs.controllingTerminal(caller) != t) {
      return;
    }
    if (jobs.ignores(caller, signal)) {
      if (signal == TtySignal.SIGTTIN) {
        throw Errno.EIO.exception();
      }
      return;
    }
    if (jobs.orphaned(caller.processGroupId())) {
      throw Errno.EIO.exception();
    }
    jobs.signalGroup(caller.processGroupId(), signal);
    throw Errno.ERESTARTSYS.exception();
  }

  private static boolean leads(Caller caller) {
    return caller.sessionId() == caller.threadGroupId();
  }

  /**
   * open(2) without O_NOCTTY for reading: a session leader without a terminal gets this one if it
   * is free.
   */
  static void acquireByOpen(Terminal t, Caller caller) {
    if (leads(caller) && t.session() == 0 && t.jobs().attach(caller, t)) {
      if (!t.control(caller.sessionId(), caller.processGroupId(), false)) {
        t.jobs().detach(caller.sessionId(), t);
      }
    }
  }

  /** TIOCSCTTY. */
  static void acquire(Terminal t, Caller caller, boolean force, boolean readable) {
    boolean admin = caller.credentials().has(CAP_SYS_ADMIN);
    if (leads(caller) && t.session() == caller.sessionId()) {
      return;
    }
    if (!leads(caller) || !readable && !admin || t.session() != 0 && !(force && admin)) {
      throw Errno.EPERM.exception();
    }
    if (!t.jobs().attach(caller, t)) {
      throw Errno.EPERM.exception();
    }
    if (!t.control(caller.sessionId(), caller.processGroupId(), force && admin)) {
      t.jobs().detach(caller.sessionId(), t);
      throw Errno.EPERM.exception();
    }
  }

  /** TIOCNOTTY: by the leader, the session loses the terminal and the foreground group is told. */
  static void leave(Terminal t, Caller caller) {
    checkControls(t, caller);
    if (!leads(caller)) {
      t.jobs().leave(caller);
      return;
    }
    int foreground = t.endControl();
    t.jobs().detach(caller.sessionId(), t);
    if (foreground != 0) {
      t.jobs().signalGroup(foreground, TtySignal.SIGHUP);
      t.jobs().signalGroup(foreground, TtySignal.SIGCONT);
    }
  }

  /** ENOTTY unless the terminal is the caller's controlling one. */
  static void checkControls(Terminal t, Caller caller) {
    if (t.jobs().controllingTerminal(caller) != t) {
      throw Errno.ENOTTY.exception();
    }
  }

  /**
   * TIOCSPGRP before it looks at its argument: what SIGTTOU would refuse with EIO is ENOTTY here.
   */
  static void checkMayChangeForeground(Terminal t) {
    try {
      checkForeground(t, TtySignal.SIGTTOU);
    } catch (LinuxException e) {
      throw e.errno() == Errno.EIO ? Errno.ENOTTY.exception() : e;
    }
  }

  /** TIOCSPGRP. */
  static void changeForeground(Terminal t, Caller caller, int processGroup) {
    if (processGroup < 0) {
      throw Errno.EINVAL.exception();
    }
    checkControls(t, caller);
    if (t.session() != caller.sessionId()) {
      throw Errno.ENOTTY.exception();
    }
    int session = t.jobs().sessionOf(processGroup);
    if (session == 0) {
      throw Errno.ESRCH.exception();
    }
    if (session != caller.sessionId()) {
      throw Errno.EPERM.exception();
    }
    t.setForeground(processGroup);
  }
}
